// Package survey checks many domains and says which are broken.
//
// What it promises:
//
//   - It is polite: so many checks at a time, so many begun a second.
//   - It takes memory for what is wrong, not for what was looked at: of a domain
//     remain its name, the ids of its faults, and one sentence.
//   - A survey that is interrupted tells what it has found until then, and says that
//     it is not complete.
package survey
