// Package probe checks a mail domain from outside and records what it finds: what
// DNS says, which addresses answer, which certificates they have, what every URL of
// every mail client returns, and how the mail servers greet.
//
// What it promises:
//
//   - It records and does not judge. An observation is plain data; the reason
//     for a failure is a [Failure], never the text of a library's error.
//   - It never logs in anywhere, changes nothing, and asks for a made-up mailbox,
//     setup-check at the domain.
//   - It has limits on time, queries, connections and bytes; see [Limits].
//   - It cannot be used for attacks: an address that is not public is not dialled
//     unless the caller allows it, and a redirect cannot aim a POST at an arbitrary
//     service.
package probe
