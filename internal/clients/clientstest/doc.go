// Package clientstest contains odd documents: answers that a mail client does not
// expect, with one fault each. The tests of package clients read them by its
// rules; the end-to-end tests have real clients read the same documents and
// compare.
package clientstest
