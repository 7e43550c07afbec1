package e2e

import (
	"slices"
	"strings"
	"testing"

	"mailsetup/e2e/deltachat"
	"mailsetup/e2e/mailserver"
	"mailsetup/internal/clients"
)

// deltaChatExceptions are the documents for which Delta Chat does not follow the
// rules, each with the reason.
var deltaChatExceptions = map[string]string{}

// TestDeltaChatReadsOddDocuments compares Delta Chat's rules with its core, which
// has to log in with the settings that it reads.
func TestDeltaChatReadsOddDocuments(t *testing.T) {
	binary, err := deltachat.Installed(".")
	need(t, "the Delta Chat core is missing (npm ci in e2e)", err)
	mail, err := mailserver.Start(mailserver.Config{Listen: internet.Listen, TLS: internet.Authority.ServerConfig(), Password: password})
	if err != nil {
		t.Fatal(err)
	}
	defer mail.Close()
	compareOdd(t, "deltachat", deltaChatExceptions, func(domains []*oddDomain) []string {
		var addresses []string
		for _, o := range domains {
			addresses = append(addresses, o.address())
		}
		cfg := deltachat.Config{Binary: binary, Dir: t.TempDir(), Proxy: internet.Proxy} // a new folder for each run
		kept, err := deltachat.ConfigureAll(t.Context(), cfg, "jane@icloud.com", addresses, password)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for i, s := range kept {
			predicted, err := domains[i].predict(t, client("deltachat"))
			predicted = deltaChatDefaults(predicted)
			if err == nil && s.Err != nil && !(reachable(predicted.Incoming) && reachable(predicted.Outgoing)) {
				// It tried servers that do not exist, as expected.
				all = append(all, bySide(predicted))
				continue
			}
			all = append(all, deltaChatOutcome(s, domains[i].domain))
		}
		return all
	})
}

// deltaChatOutcome returns the servers in the form of side. If the core finds
// nothing, it guesses mail servers below the domain.
func deltaChatOutcome(s deltachat.Settings, domain string) string {
	if s.Err != nil {
		return "an error: " + s.Err.Error()
	}
	guessed := func(s deltachat.Server) bool { return strings.HasSuffix(s.Connection.Host, domain) }
	if guessed(s.IMAP) || guessed(s.SMTP) {
		return "nothing"
	}
	return deltaChatSide(s.IMAP) + "; " + deltaChatSide(s.SMTP)
}

// deltaChatDefaults fills in what Delta Chat tries first if a document does not
// say: src/configure/server_params.rs.
func deltaChatDefaults(s clients.Settings) clients.Settings {
	for _, server := range []*clients.ServerSettings{&s.Incoming, &s.Outgoing} {
		smtp := server == &s.Outgoing
		if server.Security == clients.AnyTLS {
			if server.Security = clients.TLS; server.Port == 0 && smtp {
				server.Port = 465
			}
		}
		if server.Port == 0 {
			server.Port = map[bool]map[clients.Security]int{
				false: {clients.TLS: 993, clients.StartTLS: 143, clients.Plaintext: 143},
				true:  {clients.TLS: 465, clients.StartTLS: 587, clients.Plaintext: 25},
			}[smtp][server.Security]
		}
	}
	return s
}

// reachable reports whether the world has such a server.
func reachable(s clients.ServerSettings) bool {
	ports := map[int]clients.Security{993: clients.TLS, 143: clients.StartTLS, 465: clients.TLS, 587: clients.StartTLS}
	security, ok := ports[s.Port]
	return ok && slices.Contains(oddHosts, s.Host) && (security == s.Security || s.Security == clients.Plaintext && security == clients.StartTLS)
}

func deltaChatSide(s deltachat.Server) string {
	security := map[string]clients.Security{"Tls": clients.TLS, "Starttls": clients.StartTLS, "Plain": clients.Plaintext}
	return side(clients.ServerSettings{Host: s.Connection.Host, Port: s.Connection.Port, Security: security[s.Connection.Security], Auth: clients.AuthNegotiated, Login: s.User})
}
