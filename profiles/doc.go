// Package profiles writes Apple configuration profiles (.mobileconfig) that add
// a mail account to an iPhone, an iPad or a Mac, and signs them.
//
// [Mail] turns a [provider.Account] into a property list. It promises:
//
//   - The same account and [Person] give the same bytes, on every server and in
//     every release that writes the same keys. A device replaces a profile by one with
//     an equal identifier, so identifiers and UUIDs depend only on the provider
//     and the address; see identity.go.
//   - Unknown values are left out. A device asks for a missing user name,
//     but uses an empty one.
//   - It never contains a password.
//
// A [Signer] wraps the property list in a CMS signature. Send either
// form as [ContentType], named by [FileName].
//
// The keys are those of Apple's published schema,
// https://github.com/apple/device-management/tree/release/mdm/profiles. Only this
// package writes property lists.
package profiles
