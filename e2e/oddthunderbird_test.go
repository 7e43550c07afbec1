package e2e

import (
	"fmt"
	"testing"

	"mailsetup/e2e/thunderbird"
	"mailsetup/internal/clients"
)

// thunderbirdExceptions are the documents for which Thunderbird does not follow the
// rules, each with the reason.
var thunderbirdExceptions = map[string]string{}

// TestThunderbirdReadsOddDocuments compares Thunderbird's rules with Thunderbird.
func TestThunderbirdReadsOddDocuments(t *testing.T) {
	tb := sharedThunderbird(t)
	compareOdd(t, "thunderbird", thunderbirdExceptions, func(domains []*oddDomain) []string {
		addresses := map[clients.Format][]string{}
		for _, o := range domains {
			addresses[o.document.Format] = append(addresses[o.document.Format], o.address())
		}
		outcomes := map[string]string{}
		for format, part := range addresses {
			found, err := tb.LookUpAll(t.Context(), part, format == clients.Autodiscover)
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range found {
				outcomes[part[i]] = thunderbirdOutcome(f)
			}
		}
		var all []string
		for _, o := range domains {
			all = append(all, outcomes[o.address()])
		}
		return all
	})
}

// compareOdd compares each outcome with the client's rules.
func compareOdd(t *testing.T, short string, exceptions map[string]string, run func([]*oddDomain) []string) {
	t.Helper()
	domains := oddDomains()[short]
	want, reasons := make([]string, len(domains)), make([]error, len(domains))
	for i, o := range domains {
		settings, err := o.predict(t, client(short))
		switch reasons[i] = err; {
		case err != nil:
			want[i] = "nothing"
		case short == "deltachat":
			want[i] = bySide(deltaChatDefaults(settings))
		default:
			want[i] = bySide(settings)
		}
	}
	got := run(domains)
	// On a busy machine an answer may come too late for the client, so those that
	// differ are tried once more.
	var again []int
	for i := range domains {
		if got[i] != want[i] {
			again = append(again, i)
		}
	}
	if len(again) > 0 {
		var late []*oddDomain
		for _, i := range again {
			late = append(late, domains[i])
		}
		for n, outcome := range run(late) {
			got[again[n]] = outcome
		}
	}
	agree, used := 0, map[string]bool{}
	for i, o := range domains {
		_, excepted := exceptions[o.document.String()]
		switch {
		case got[i] == want[i]:
			agree++
		case excepted:
			used[o.document.String()] = true
		default:
			t.Errorf("%s:\n it gets  %s\n by rule  %s (%v)", o, got[i], want[i], reasons[i])
		}
	}
	for name := range exceptions {
		if !used[name] {
			t.Errorf("%s: unnecessary exception", name)
		}
	}
	t.Logf("%d of %d outcomes are those of the rules, %d documents are excepted", agree, len(domains), len(used))
}

func bySide(s clients.Settings) string { return side(s.Incoming) + "; " + side(s.Outgoing) }

// side is one server in a line.
func side(s clients.ServerSettings) string {
	return fmt.Sprintf("%s:%d, %s, %s, %q", s.Host, s.Port, s.Security, s.Auth, s.Login)
}

// thunderbirdOutcome returns the settings in the form of side. mailsetup only uses
// IMAP and SMTP servers; others that Thunderbird finds are ignored.
func thunderbirdOutcome(f thunderbird.Finding) string {
	if !f.Found || f.Incoming.Type != "imap" || f.Outgoing.Hostname == "" {
		return "nothing"
	}
	return thunderbirdSide(f.Incoming) + "; " + thunderbirdSide(f.Outgoing)
}

func thunderbirdSide(s thunderbird.Server) string {
	security := map[string]clients.Security{"plain": clients.Plaintext, "SSL": clients.TLS, "alwaysSTARTTLS": clients.StartTLS}
	auth := map[string]clients.Auth{
		"passwordCleartext": clients.AuthPassword, "passwordEncrypted": clients.AuthEncrypted, "GSSAPI": clients.AuthGSSAPI,
		"NTLM": clients.AuthSPA, "OAuth2": clients.AuthOAuth2, "none": clients.AuthNone, "secure": clients.AuthSecure,
	}
	return side(clients.ServerSettings{Host: s.Hostname, Port: s.Port, Security: security[s.SocketType], Auth: auth[s.Auth], Login: s.Username})
}
