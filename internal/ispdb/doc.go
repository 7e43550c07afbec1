// Package ispdb turns Thunderbird's database of mail settings (ISPDB,
// https://github.com/thunderbird/autoconfig) into a table. It reads a copy that the
// operator has, from a folder or a zip, and never the network.
//
// It promises that the same files give the same bytes, in whatever order they are found.
// The files are untrusted, so reading is strict and limited: a file that does not say
// clearly how to read and send mail over encrypted connections is left out, with the
// reason. Content of an imported file that a table cannot express is reported as lost.
// Nothing is guessed or repaired. Every entry has been read by the table's own loader.
//
// None of the database's content is part of the program.
package ispdb
