// Package templates writes what Thunderbird and Outlook read, one file per
// document, and reads the one document that Outlook sends.
//
//   - autoconfig.go: config-v1.1, for Thunderbird and its kin
//   - autodiscover.go: the POX response, for Outlook
//   - autodiscovererror.go: the POX Error document
//   - autodiscoverrequest.go: the POX request
//   - autodiscoverjson.go: Autodiscover v2, which points to POX
//   - androidqr.go, androidfile.go: what Thunderbird for Android imports, as the text of
//     a QR code and as a file; android.go says which accounts can be imported
//
// A writer is a function from an account to bytes. It promises:
//
//   - It decides nothing about mail services; what it says stands in the
//     account. A login that is not known is never made up.
//   - The same account gives the same bytes, with everything escaped.
//   - A value of an enum that it has no word for is an error. Checking every
//     provider once at start therefore finds whatever cannot be written.
//   - Each document carries exactly one IMAP and one SMTP server, because
//     clients disagree on whether the first or the last of several counts.
//
// XML is written only here, and only through etree.
package templates
