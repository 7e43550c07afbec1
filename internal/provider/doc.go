// Package provider holds the facts about mail services.
//
// A table (providers.yaml) is loaded once into an immutable [Table]. Asking it
// about a domain gives a [Match]; resolving a match for one address gives an
// [Account]: an IMAP and an SMTP server, each with the login to use there, or
// marked as having an unknown login. Every document that mailsetup serves is
// written from an Account, so all of them agree.
//
// The package promises three things to its callers:
//
//   - What has a type is well formed. [Address], [Domain], [Link] and the
//     enums can only be made by their parsers, so nobody downstream checks a
//     string again.
//   - Plaintext and POP cannot be written down. The model has no word for
//     either, and a table that tries is refused with the reason.
//   - No login is guessed. An address whose login the table does not state
//     resolves to [LoginUnknown].
//
// Only this package reads YAML.
package provider
