package e2e

import (
	"testing"
)

// The tests of this package are worth what they notice. Here the front spoils
// good answers in the four ways that have hurt people most, and the comparisons
// that the other tests make must fail.

// Thunderbird takes STARTTLS that is written as SSL off for no encryption at all.
func TestSSLOffIsNoticed(t *testing.T) {
	const address = "jane@ssl-off.test"
	f := lookUp(t, address)
	if f.Outgoing.SocketType != "plain" {
		t.Errorf("Thunderbird would send by %s and not in clear: the front has spoiled nothing", f.Outgoing.SocketType)
	}
	if unlikeICloud(f, f.Source, f.Incoming.Username, f.Outgoing.Username) == "" {
		t.Error("the comparison of settings does not notice")
	}
}

// The same answer makes Delta Chat send the password in clear, where the recording
// mail server must overhear it.
func TestPasswordInClearIsNoticed(t *testing.T) {
	mail := configureDeltaChat(t, "jane@ssl-off.test")
	if !mail.Overheard() {
		t.Errorf("the mail server has not overheard the password; it has seen %+v", mail.Logins())
	}
}

// Thunderbird throws a document away that is not called XML.
func TestWrongMediaTypeIsNoticed(t *testing.T) {
	const address = "jane@octet-stream.test"
	if f := lookUp(t, address); unlikeICloud(f, isp+"https", address, address) == "" {
		t.Error("Thunderbird has taken a document of type application/octet-stream")
	}
}

// A home page for whatever is not known hides the answers of other URLs.
func TestSuccessForUnknownDomainIsNoticed(t *testing.T) {
	const address = "jane@catch-all.test"
	lookUp(t, address)
	if len(notRefused(address)) == 0 {
		t.Errorf("the requests of the look-up do not show it: %s", asked(address))
	}
}

// Random identifiers leave an account twice on a device.
func TestRandomIdentifiersAreNoticed(t *testing.T) {
	if unstable(t, "https://autoconfig.random.test/profile.mobileconfig?emailaddress=jane%40random.test") == "" {
		t.Error("the comparison of two downloads does not notice")
	}
}
