// Package page writes what people read: the form on which somebody types an
// address, the page with the settings and steps for it, and the helpful pages
// for everything that goes wrong in between.
//
// It promises four things:
//
//   - A page is whole without script and without any other host: one
//     stylesheet, one small script that only adds comfort, an icon, and a QR
//     code drawn as SVG inside the page. Nothing is inline, so the pages work
//     under the policy that [ContentSecurityPolicy] states.
//   - Whatever people type is escaped by html/template; there is no other way
//     into a page.
//   - Facts come from [provider.Provider] and nowhere else. A mail service
//     without a guide of its own gets a complete page.
//   - Nothing is guessed. Where a login is not known, the page asks for it.
//
// layout/ has the structure, which is the same in every language. text/ has the words,
// one file per language, named by its tag in [language.Language]. A file that is there
// is offered; CONTRIBUTING.md says how to add one.
package page
