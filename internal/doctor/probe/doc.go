// Package probe looks at a mail domain from outside and notes what it finds: what
// DNS says, which addresses answer, which certificates they show, what every URL of
// every mail client returns, and how the mail servers greet.
//
// What it promises:
//
//   - It notes and does not judge. An observation is plain data; why something
//     failed is a [Failure], never the text of a library's error.
//   - It never logs in anywhere, changes nothing, and asks in the name of a mailbox
//     that it makes up, setup-check at the domain.
//   - It is bounded in time, questions, connections and bytes; see [Limits].
//   - It is no weapon: an address that is not public is not dialled unless the
//     caller allows it, and a redirect cannot aim a POST at a service of its choice.
package probe
