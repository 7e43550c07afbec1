// Package doctor finds out why mail clients do not set themselves up for a domain.
// It looks at the domain the way clients do: it asks DNS, fetches every URL that
// each client of package clients asks, with that client's query and headers, reads
// the answers by that client's rules, and knocks at the mail servers.
//
// What it promises:
//
//   - One fault, one problem. What follows from a fault, such as twenty fetches
//     that fail for want of one record, is folded under it.
//   - Every problem comes with its cure: the record to publish, or the step to
//     take.
//   - "Could not find out" is never "missing". A resolver that fails makes a
//     finding [Unknown], not a problem.
//   - It never logs in anywhere, changes nothing, and asks in the name of a
//     mailbox that it makes up, setup-check at the domain.
//   - It is bounded: see [Limits].
//
// Unlike the server, it connects to whatever addresses DNS names, private ones
// included: it runs at the wish of whoever started it, often inside the network
// that it checks. It must not be put behind a web form.
package doctor
