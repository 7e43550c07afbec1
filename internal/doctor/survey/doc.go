// Package survey checks many domains and says which are broken.
//
// What it promises:
//
//   - It limits how many checks run at a time and how many start per second.
//   - It needs little memory: for a domain it keeps only the name, the ids of
//     its faults, and one sentence.
//   - An interrupted survey reports what it has found so far, and that it is not
//     complete.
package survey
