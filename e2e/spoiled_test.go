package e2e

import (
	"testing"
)

// The tests of this package are worth only what they detect. Here the front spoils
// good answers in the ways that have hurt people most, and the other tests'
// comparisons must fail.

// Thunderbird reads STARTTLS that is written as "SSL off" as no encryption at all.
func TestSSLOffIsNoticed(t *testing.T) {
	const address = "jane@ssl-off.test"
	f := lookUp(t, address)
	if f.Outgoing.SocketType != "plain" {
		t.Errorf("Thunderbird would send by %s and not in plaintext: the front has spoiled nothing", f.Outgoing.SocketType)
	}
	if unlikeICloud(f, f.Source, f.Incoming.Username, f.Outgoing.Username) == "" {
		t.Error("the comparison of settings does not notice")
	}
}

// The same answer makes Delta Chat send the password in plaintext, where the
// recording mail server must overhear it.
func TestPasswordInClearIsNoticed(t *testing.T) {
	mail := configureDeltaChat(t, "jane@ssl-off.test")
	if !mail.Overheard() {
		t.Errorf("the mail server did not overhear the password; it saw %+v", mail.Logins())
	}
}

// Thunderbird discards a document whose media type is not XML.
func TestWrongMediaTypeIsNoticed(t *testing.T) {
	const address = "jane@octet-stream.test"
	if f := lookUp(t, address); unlikeICloud(f, isp+"https", address, address) == "" {
		t.Error("Thunderbird accepted a document of type application/octet-stream")
	}
}

// A home page for unknown paths hides the answers at other URLs.
func TestSuccessForUnknownDomainIsNoticed(t *testing.T) {
	const address = "jane@catch-all.test"
	lookUp(t, address)
	if len(notRefused(address)) == 0 {
		t.Errorf("the look-up's requests do not show it: %s", asked(address))
	}
}

// Random identifiers would put an account on a device twice.
func TestRandomIdentifiersAreNoticed(t *testing.T) {
	if unstable(t, "https://autoconfig.random.test/profile.mobileconfig?emailaddress=jane%40random.test") == "" {
		t.Error("the comparison of two downloads does not notice")
	}
}
