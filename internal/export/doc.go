// Package export writes what a server would answer as files: a static site for
// documents that do not depend on an address, and files for computers that somebody
// manages, which then need neither DNS nor a server. Apart from these, it writes the
// profiles of a list of people into a folder that nobody else can read.
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
//   - No file's name says whose it is. Personal profiles are never written into an
//     export, nor an export into their folder or around it.
//
// The folder's own README.txt describes the layout.
package export
