// Package clientstest holds odd documents: answers with which a server surprises a
// mail client, one fault each. The tests of package clients read them by its
// rules; the end-to-end tests have real clients read the same ones and compare.
package clientstest
