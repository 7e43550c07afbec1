// Package document knows what is served: which documents there are, at which paths
// clients ask for them, and what a cache may keep of the answers.
//
// It promises:
//
//   - Everybody gets the same bytes. The server, export and the render command take
//     their documents from one [Set], and know paths, media types and cache classes
//     from here.
//   - A [Set] exists only for a table of which every document can be made, so
//     nothing goes live that fails on the first request.
//   - What a cache may keep follows from what decided the answer ([Basis]), never
//     from the handler that sends it.
//   - The public URL is parsed once, into a [PublicURL], by one rule.
//
// A new document is a line in format.go, which names what compiles it.
//
// How a document looks is the business of packages templates and profiles. This one
// knows nothing of requests, so that export needs no server.
package document
