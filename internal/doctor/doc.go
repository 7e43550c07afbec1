// Package doctor finds out why mail clients do not set themselves up for a domain.
// It looks at the domain the way clients do: it asks DNS, fetches every URL that
// each client of package clients asks, with that client's query and headers, reads
// the answers by that client's rules, and knocks at the mail servers.
//
// It works in three steps, each with a package of its own: probe notes plain
// observations, judge turns them into faults that each have a place, and report
// puts those into words.
//
// What it promises:
//
//   - One fault, one problem. What follows from a fault, such as twenty fetches
//     that fail for want of one record, is folded under it.
//   - Every problem comes with its cure: the record to publish, or the step to
//     take, at the place where it can be taken.
//   - "Could not find out" is never "missing". A resolver that fails makes a
//     finding of severity Unknown, not a problem.
//   - It never logs in anywhere, changes nothing, and asks in the name of a
//     mailbox that it makes up, setup-check at the domain.
//   - It is bounded, see [probe.Limits], and connects to no address outside the
//     public internet unless it is told to.
package doctor
