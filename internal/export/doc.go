// Package export writes what a server would answer as files: a static site for
// those documents that depend on no address, and files to roll out to people
// whose domains nobody but their mail service can put into DNS.
//
// It promises:
//
//   - A document has the bytes that the server sends for the same domain.
//   - The same table and settings give the same files; nothing in them tells the
//     time or the version.
//   - What cannot be a file is not written as one. Outlook posts its question and
//     ActiveSync asks at the same URLs, and a file that answers both answers one
//     of them wrongly.
//   - A folder that no export made is left alone unless the caller insists. The
//     files of an earlier export are replaced as a whole, once all new ones are
//     complete; other files in the folder stay.
//
// The folder's own README.txt describes the layout.
package export
