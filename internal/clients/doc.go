// Package clients holds the rules of real mail clients: what each of them asks
// while it looks for the settings of an address, and how it reads the answer.
//
// It is a second opinion on everything that mailsetup writes. A reader here
// follows its client's own code or its maker's documents, cited at the top of
// its file, with all peculiarities: Thunderbird turns a login of digits into a
// number, Thunderbird for Android throws away a whole document for one odd word,
// Delta Chat ends its search at any well-formed page. The tests read every
// document back through every client; the doctor asks live servers the way the
// clients ask.
//
// The package promises three things:
//
//   - It shares nothing with the writers. Readers use encoding/xml and know no
//     template, so that one mistake cannot hide in both.
//   - A reader says what its client would do, good or bad. Plaintext, a guessed
//     login and a silent dead end are results here, not oversights.
//   - It never opens a connection. Whoever has an [Answer] asks [Reading]; to
//     walk through a whole search, give [Client.Discover] a function that asks.
//
// A client that was never run is read by rule only. docs/clients.md says which
// is which.
package clients
