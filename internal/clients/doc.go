// Package clients has the rules of real mail clients: what each of them asks
// when it searches for the settings of an address, and how it reads the
// answer.
//
// It is a second opinion on everything that mailsetup writes. A reader here
// follows its client's own code or its vendor's documents, cited at the top of
// its file, with all their quirks: Thunderbird turns a login of digits into a
// number, Thunderbird for Android throws away a whole document for one odd word,
// Delta Chat ends its search at any well-formed page. The tests read every
// document back through every client; the doctor asks live servers the way the
// clients ask.
//
// The package promises three things:
//
//   - It shares nothing with the writers. Readers use encoding/xml and know no
//     template, so that one mistake cannot hide in both.
//   - A reader does what its client would do, good or bad. Plaintext, a guessed
//     login and a silent dead end are results here, not oversights.
//   - It never opens a connection. For a single [Answer] use [Reading]; for a
//     whole search, give [Client.Discover] a function that makes the requests.
//
// Some rules were checked against the running client, others come only from
// published rules; docs/clients.md says which.
package clients
