// Package provider defines the facts about mail services and loads them from
// tables.
//
// A table (providers.yaml) is loaded once into an immutable [Table]. Looking up
// a domain gives a [Match]; resolving a match for one address gives an
// [Account]: an IMAP and an SMTP server, each with the login to use there, or
// marked as having an unknown login. Every document that mailsetup serves is
// written from an Account, so all of them agree.
//
// The package promises three things to its callers:
//
//   - Typed values are well formed. [Address], [Domain], [Link] and the enums
//     can be made only by their parsers, so no other package checks the strings
//     again.
//   - Plaintext and POP cannot be expressed. The model has neither, and a table
//     that tries to use them is refused with the reason.
//   - No login is guessed. An address whose login the table does not state
//     resolves to [LoginUnknown].
//
// Only this package reads YAML.
package provider
