// Package doctor finds out why mail clients do not set themselves up for a domain.
// It checks the domain as clients do: it asks DNS, fetches every URL that a client
// in package clients asks, with that client's query and headers, reads the answers
// by that client's rules, and connects to the mail servers.
//
// It works in three steps, each in its own package: probe records observations,
// judge turns them into faults with a place, and report puts those into words.
//
// What it promises:
//
//   - One fault, one problem. Consequences, such as twenty fetches that fail
//     because of one missing record, are not reported separately.
//   - Every problem comes with its cure: the record to publish, or the step to
//     take, at the place where that is possible.
//   - "Could not find out" is never "missing". If a resolver fails, the finding
//     has severity Unknown and is not a problem.
//   - It never logs in anywhere, changes nothing, and asks for a made-up
//     mailbox, setup-check at the domain.
//   - It has limits, see [probe.Limits], and connects only to addresses on the
//     public internet unless told otherwise.
package doctor
