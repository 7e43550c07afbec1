// Package page renders the pages for people: the form for an address, the page with
// the settings and steps for that address, and pages that help when something goes
// wrong.
//
// It promises four things:
//
//   - A page is complete without script and without any other host: one stylesheet,
//     one small script that only adds convenience, an icon, and a QR code drawn as SVG
//     inside the page. Scripts and styles are never inline, so the pages work under
//     [ContentSecurityPolicy].
//   - Everything that people type is escaped by html/template; there is no other way
//     into a page.
//   - Facts come from [provider.Provider] and nowhere else. A mail service
//     without a guide of its own gets a complete page.
//   - Nothing is guessed. If a login is unknown, the page asks for it.
//
// layout/ has the structure, which is the same in every language. text/ has the words,
// one file per language, named by its tag in [language.Language]. Every language with
// a file is offered; CONTRIBUTING.md says how to add one.
package page
