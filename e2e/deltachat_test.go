package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/e2e/deltachat"
	"mailsetup/e2e/mailserver"
)

// Delta Chat must reach both servers with the right login, and send the password only
// over TLS.
func TestDeltaChatLogsIn(t *testing.T) {
	tests := []struct {
		name, address string
		imap, smtp    string // the logins
		answer        string // the URL that the settings come from
	}{
		{"autoconfig", "jane@icloud.com", "jane", "jane@icloud.com",
			"https://autoconfig.icloud.com/mail/config-v1.1.xml"},
		{"autoconfig, a mapped login", "jane@example.com", "jane.appleseed", "jane.appleseed@icloud.com",
			"https://autoconfig.example.com/mail/config-v1.1.xml"},
		// Delta Chat does not read Autodiscover's LoginName:
		// https://github.com/chatmail/core, src/configure/auto_outlook.rs
		{"Autodiscover alone", "jane@autodiscover.test", "jane@autodiscover.test", "jane@autodiscover.test",
			"https://autodiscover.autodiscover.test/autodiscover/autodiscover.xml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mail := configureDeltaChat(t, tt.address)
			got := successes(mail)
			want := []mailserver.Login{
				{Protocol: "imap", Port: 993, Encryption: mailserver.Implicit, Name: tt.imap, OK: true},
				{Protocol: "smtp", Port: 587, Encryption: mailserver.StartTLS, Name: tt.smtp, OK: true},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("logins (-want +got):\n%s", diff)
			}
			if mail.Overheard() {
				t.Error("the password was sent in plaintext")
			}
			if !slices.ContainsFunc(asked(tt.address), func(r string) bool { return strings.HasPrefix(r, "200 GET "+tt.answer) }) {
				t.Errorf("it did not use the answer at %s; it asked %s", tt.answer, asked(tt.address))
			}
		})
	}
}

// configureDeltaChat has Delta Chat set up an account and returns the mail server that
// it used.
func configureDeltaChat(t *testing.T, address string) *mailserver.Server {
	t.Helper()
	binary, err := deltachat.Installed(".")
	need(t, "the Delta Chat core is missing (npm ci in e2e)", err)
	mail := startMailServer(t)
	cfg := deltachat.Config{Binary: binary, Dir: t.TempDir(), Proxy: internet.Proxy}
	if err := deltachat.Configure(patience(t), cfg, address, password); err != nil {
		t.Fatalf("%v\nit asked %s", err, asked(address))
	}
	return mail
}

// startMailServer starts a mail server that knows the password. It ends with the test.
func startMailServer(t *testing.T) *mailserver.Server {
	t.Helper()
	mail, err := mailserver.Start(mailserver.Config{
		Listen: internet.Listen, TLS: internet.Authority.ServerConfig(), Password: password,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mail.Close() })
	return mail
}

// successes returns the successful logins, each once and sorted by name. Clients log
// in as often as they like.
func successes(mail *mailserver.Server) []mailserver.Login {
	list := slices.DeleteFunc(mail.Logins(), func(l mailserver.Login) bool { return !l.OK })
	slices.SortFunc(list, func(a, b mailserver.Login) int {
		return strings.Compare(a.Protocol+a.Name, b.Protocol+b.Name)
	})
	return slices.Compact(list)
}
