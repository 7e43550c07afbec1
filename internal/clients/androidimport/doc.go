// Package androidimport reads what Thunderbird for Android and K-9 Mail import an account
// from, for tests: the text of a QR code and the settings file.
//
// It follows the rules that the app publishes, in its description of the format and in its
// source code (https://github.com/thunderbird/thunderbird-android at a59bd67). It shares
// nothing with package templates: a reader that shared the writer's mistakes would find
// none. It was not compared with a device. Only tests import it.
package androidimport

import "mailsetup/internal/clients"

// An Account is an account as the app would set it up.
type Account struct {
	clients.Settings
	// Address and RealName are the identity with which mail is sent.
	Address, RealName string
	// Name is what the app calls the account.
	Name string
	// UUID is the app's own name for it; only a file states one.
	UUID string
}
