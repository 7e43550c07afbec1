// Package document defines what is served: which documents exist, at which paths
// clients ask for them, and how long caches may keep the answers.
//
// It promises:
//
//   - Everybody gets the same bytes. The server, export and the render command take
//     their documents from one [Set], and their paths, media types and cache
//     classes from this package.
//   - A [Set] exists only if every document of the table can be generated, so
//     nothing goes live that fails on the first request.
//   - What a cache may keep depends on what decided the answer ([Basis]), never on
//     the handler that sends it.
//   - The public URL is parsed once, into a [PublicURL], by one rule.
//
// To add a document, add a line to format.go that names its compile function.
//
// Packages templates and profiles decide how a document looks. This package knows
// nothing about requests, so that export needs no server.
package document
