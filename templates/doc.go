// Package templates writes the documents that Thunderbird and Outlook
// read, one file per document, and reads the one that Outlook sends.
//
//   - autoconfig.go: config-v1.1, for Thunderbird and similar clients
//   - autodiscover.go: the POX response, for Outlook
//   - autodiscovererror.go: the POX Error document
//   - autodiscoverrequest.go: the POX request
//   - autodiscoverjson.go: Autodiscover v2, which points to POX
//   - androidqr.go, androidfile.go: what Thunderbird for Android imports, as the text of
//     a QR code and as a file; android.go says which accounts can be imported
//
// A writer is a function from an account to bytes. It promises:
//
//   - It decides nothing about mail services; everything it writes is in the
//     account. An unknown login is never made up.
//   - The same account gives the same bytes, with everything escaped.
//   - An enum value that it cannot express is an error. So checking every
//     provider once at startup finds everything that cannot be written.
//   - Each document contains exactly one IMAP and one SMTP server, because
//     clients disagree on whether the first or the last of several counts.
//
// XML is written only here, and only through etree.
package templates
