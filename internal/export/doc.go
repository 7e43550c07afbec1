// Package export writes what a server would answer as files: a static site for
// documents that do not depend on an address, and files to roll out to people
// whose DNS only their mail service can change.
//
// It promises:
//
//   - Each document is byte for byte what the server sends for the same domain.
//   - The same table and settings give the same files; they contain neither the
//     time nor the version.
//   - What cannot be a file is not written. Outlook and ActiveSync send POSTs to
//     the same URLs, and a file that answers both answers one of them wrongly.
//   - A folder that no export made is left alone unless the caller insists. The
//     files of an earlier export are replaced together, once all new ones are
//     complete; other files in the folder stay.
//
// The folder's own README.txt describes the layout.
package export
