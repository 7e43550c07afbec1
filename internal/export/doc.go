// Package export writes a server's answers as files: a static site for documents
// that do not depend on an address, and files for managed computers, which then need
// neither DNS nor a server. Separately, it writes profiles for a list of people into
// a folder that nobody else can read.
//
// It promises:
//
//   - Each document is byte for byte what the server sends for the same domain.
//   - The same table and settings give the same files; they contain neither the
//     time nor the version.
//   - Answers that cannot be files are left out. Outlook and ActiveSync send POSTs
//     to the same URLs, and a file that answers both would be wrong for one of them.
//   - A folder that is not an export is left alone unless the caller insists. The
//     files of an earlier export are replaced together, once all new ones are
//     complete; other files in the folder stay.
//   - No file name identifies a person. Personal profiles are never written into an
//     export, nor an export into or around their folder.
//
// The folder's own README.txt describes the layout.
package export
