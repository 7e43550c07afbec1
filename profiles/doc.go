// Package profiles writes Apple configuration profiles (.mobileconfig) that add
// a mail account to an iPhone, an iPad or a Mac, and signs them.
//
// [Mail] turns a [provider.Account] into a property list. It promises:
//
//   - The same account gives the same bytes, on every server and in every
//     release that writes the same keys. A device replaces a profile by one with
//     an equal identifier, so identifiers and UUIDs are made from the provider
//     and the address alone; see identity.go.
//   - What is not known is absent. A device asks for a user name that is
//     missing, and takes an empty one at its word.
//   - There is never a password in it.
//
// A [Signer] wraps the property list in a CMS signature. Delivery is the
// server's: send either form as [ContentType], named by [FileName].
//
// The keys are those of Apple's published schema,
// https://github.com/apple/device-management/tree/release/mdm/profiles. Only this
// package writes property lists.
package profiles
