// Package clients models real mail clients: the requests that each of them sends
// to find the settings for an address, and how it reads the answers.
//
// It gives a second opinion on everything that mailsetup writes. A reader here
// follows its client's own code or its vendor's documents, cited at the top of
// its file, with all their quirks: Thunderbird turns a login of digits into a
// number, Thunderbird for Android discards a whole document because of one odd
// word, Delta Chat ends its search at any well-formed page. The tests read every
// document back through every client; the doctor asks live servers the way the
// clients ask.
//
// The package promises three things:
//
//   - It shares no code with the writers. Readers use encoding/xml and no
//     templates, so the same mistake cannot hide in both.
//   - A reader does what its client would do, good or bad. Plaintext, a guessed
//     login and a silent dead end are results here, not oversights.
//   - It never opens a connection. For a single [Answer] use [Reading]; for a
//     whole search, give [Client.Discover] a function that makes the requests.
//
// Some rules were checked against the running client, others come only from
// published rules; docs/clients.md says which.
package clients
