package provider

import (
	"errors"
	"slices"
)

// Auth is how people authenticate to a server, inside the encrypted connection.
type Auth uint8

const (
	// AuthPassword sends the password itself: IMAP LOGIN, SASL PLAIN or LOGIN.
	AuthPassword Auth = iota + 1
	// AuthCRAMMD5 answers a challenge (RFC 2195).
	AuthCRAMMD5
	// AuthOAuth2 sends a token, for which people sign in to the service in a browser
	// window: SASL XOAUTH2 or OAUTHBEARER (RFC 7628).
	AuthOAuth2
)

var authWords = []Auth{AuthPassword, AuthCRAMMD5, AuthOAuth2}

// String returns the word that the table uses.
func (a Auth) String() string {
	switch a {
	case AuthPassword:
		return "password"
	case AuthCRAMMD5:
		return "cram-md5"
	case AuthOAuth2:
		return "oauth2"
	}
	return "invalid auth"
}

// Auths are the authentication methods of a server, in the order in which clients
// should try them. Unused elements, at the end, are zero.
type Auths [3]Auth

// All returns the list without its unused elements.
func (l Auths) All() []Auth {
	if i := slices.Index(l[:], 0); i >= 0 {
		return l[:i:i]
	}
	return l[:]
}

// First returns the first method in the list that is among those given, or 0.
func (l Auths) First(of ...Auth) Auth {
	for _, a := range l.All() {
		if slices.Contains(of, a) {
			return a
		}
	}
	return 0
}

// Has reports whether a is in the list.
func (l Auths) Has(a Auth) bool { return slices.Contains(l.All(), a) }

// Password returns the first method in the list that uses a password. Its error is
// [ErrOAuth2Only] if there is none, and another one if the list contains an invalid
// value.
func (l Auths) Password() (Auth, error) {
	switch a := l.First(AuthPassword, AuthCRAMMD5); {
	case a != 0:
		return a, nil
	case l == Auths{AuthOAuth2}:
		return 0, ErrOAuth2Only
	}
	return 0, errors.New("invalid list of ways to log in")
}

// ErrOAuth2Only says why a document does not exist: the service accepts only OAuth 2
// from mail clients, which the document cannot express.
var ErrOAuth2Only = errors.New("the service accepts no passwords from mail clients, only a sign-in in the browser (OAuth 2), which this document cannot express")
