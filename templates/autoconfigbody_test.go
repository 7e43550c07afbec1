package templates

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"mailsetup/internal/provider"
)

// Each case below states a rule; a client refuses a document that breaks it, or
// sets up the wrong account.
func TestAutoconfigBody(t *testing.T) {
	table := table(t)
	rules := []struct {
		name  string
		holds func(doc []byte, root node, a provider.Account) bool
	}{
		{"declaration, no byte order mark", func(doc []byte, _ node, _ provider.Account) bool {
			return bytes.HasPrefix(doc, []byte(`<?xml version="1.0" encoding="UTF-8"?>`+"\n<clientConfig "))
		}},
		{"no document type", func(doc []byte, _ node, _ provider.Account) bool { return !bytes.Contains(doc, []byte("<!")) }},
		{"ends in one newline", func(doc []byte, _ node, _ provider.Account) bool {
			return bytes.HasSuffix(doc, []byte("</clientConfig>\n"))
		}},
		{"under 2 KiB", func(doc []byte, _ node, _ provider.Account) bool { return len(doc) < 2048 }},
		{"UTF-8", func(doc []byte, _ node, _ provider.Account) bool { return utf8.Valid(doc) }},
		{"no namespace anywhere", func(_ []byte, root node, _ provider.Account) bool {
			clean := true
			root.walk(func(n node) {
				clean = clean && n.XMLName.Space == "" && !slices.ContainsFunc(n.Attrs, isNamespace)
			})
			return clean
		}},
		{"version 1.1", func(_ []byte, root node, _ provider.Account) bool {
			return root.XMLName.Local == "clientConfig" && attr(root, "version") == "1.1" && len(root.Attrs) == 1
		}},
		{"one emailProvider, its id a host name", func(_ []byte, root node, _ provider.Account) bool {
			services := root.all("emailProvider")
			if len(services) != 1 || root.Nodes[0].XMLName.Local != "emailProvider" {
				return false
			}
			_, err := provider.ParseDomain(attr(services[0], "id"))
			return err == nil
		}},
		{"id is the provider's first domain, or what it states", func(_ []byte, root node, a provider.Account) bool {
			id := attr(root.Nodes[0], "id")
			if len(a.Provider.Domains) == 0 {
				return id == "hosting.test"
			}
			return id == a.Provider.Domains[0].String()
		}},
		{"lists the domain asked for, for Parula", func(_ []byte, root node, a provider.Account) bool {
			return slices.Contains(root.texts("emailProvider", "domain"), a.Domain.String())
		}},
		{"lists the provider's domains and no other", func(_ []byte, root node, a provider.Account) bool {
			want := []string{a.Domain.String()}
			for _, d := range a.Provider.Domains {
				want = append(want, d.String())
			}
			slices.Sort(want)
			got := root.texts("emailProvider", "domain")
			slices.Sort(got)
			return slices.Equal(got, slices.Compact(want))
		}},
		{"one imap server, of that type only", func(_ []byte, root node, _ provider.Account) bool {
			in := root.all("emailProvider", "incomingServer")
			return len(in) == 1 && attr(in[0], "type") == "imap" && len(in[0].Attrs) == 1
		}},
		{"one smtp server, of that type only", func(_ []byte, root node, _ provider.Account) bool {
			out := root.all("emailProvider", "outgoingServer")
			return len(out) == 1 && attr(out[0], "type") == "smtp" && len(out[0].Attrs) == 1
		}},
		{"no pop", func(doc []byte, _ node, _ provider.Account) bool {
			return !strings.Contains(strings.ToLower(string(doc)), "pop")
		}},
		{"no OAuth 2 but the table's, whole for Himalaya, without client or secret", func(doc []byte, root node, a provider.Account) bool {
			lower := strings.ToLower(string(doc))
			if strings.Contains(lower, "client") && strings.Count(lower, "client") != strings.Count(lower, "clientconfig") || strings.Contains(lower, "secret") {
				return false
			}
			if o := a.Provider.OAuth2; !o.IsZero() {
				return len(root.Nodes) == 2 && root.text("oAuth2", "issuer") == o.Issuer.String() && root.text("oAuth2", "scope") == o.Scope &&
					root.text("oAuth2", "authURL") == o.Authorization.String() && root.text("oAuth2", "tokenURL") == o.Token.String()
			}
			return len(root.Nodes) == 1 && strings.Contains(lower, "oauth") == (a.Incoming.Auth.Has(provider.AuthOAuth2) || a.Outgoing.Auth.Has(provider.AuthOAuth2))
		}},
		{"hosts and ports of the table", func(_ []byte, root node, a provider.Account) bool {
			return serverIs(root.all("emailProvider", "incomingServer")[0], a.Incoming) &&
				serverIs(root.all("emailProvider", "outgoingServer")[0], a.Outgoing)
		}},
		{"never an alternative server", func(doc []byte, _ node, a provider.Account) bool {
			for _, s := range slices.Concat(a.Provider.IMAP[1:], a.Provider.SMTP[1:]) {
				if s.Host != a.Incoming.Host && s.Host != a.Outgoing.Host && bytes.Contains(doc, []byte(s.Host.String())) {
					return false
				}
			}
			return true
		}},
		{"server elements in the ISPDB's order", func(_ []byte, root node, _ provider.Account) bool {
			for _, tag := range []string{"incomingServer", "outgoingServer"} {
				var order []string
				for _, n := range root.all("emailProvider", tag)[0].Nodes {
					order = append(order, n.XMLName.Local)
				}
				if !slices.Equal(slices.Compact(order), []string{"hostname", "port", "socketType", "username", "authentication"}) {
					return false
				}
			}
			return true
		}},
		{"repeated elements are contiguous, for Himalaya", func(_ []byte, root node, _ provider.Account) bool {
			var order []string
			for _, n := range root.Nodes[0].Nodes {
				order = append(order, n.XMLName.Local)
			}
			want := []string{"domain", "displayName", "displayShortName", "incomingServer", "outgoingServer"}
			return slices.Equal(slices.DeleteFunc(slices.Compact(order), func(s string) bool { return s == "documentation" }), want)
		}},
		{"leaves hold text without white space around it", func(_ []byte, root node, _ provider.Account) bool {
			clean := true
			root.walk(func(n node) {
				if len(n.Nodes) == 0 {
					clean = clean && n.Text != "" && n.Text == strings.TrimSpace(n.Text)
				} else {
					clean = clean && strings.TrimSpace(n.Text) == ""
				}
			})
			return clean
		}},
		{"socketType and authentication as Thunderbird spells them", func(_ []byte, root node, _ provider.Account) bool {
			for _, tag := range []string{"incomingServer", "outgoingServer"} {
				server := root.all("emailProvider", tag)[0]
				if !slices.Contains([]string{"SSL", "STARTTLS"}, server.text("socketType")) {
					return false
				}
				for _, way := range server.texts("authentication") {
					if !slices.Contains([]string{"password-cleartext", "password-encrypted", "OAuth2"}, way) {
						return false
					}
				}
			}
			return true
		}},
		{"names are short and hold neither placeholder nor address", func(_ []byte, root node, _ provider.Account) bool {
			long, short := root.text("emailProvider", "displayName"), root.text("emailProvider", "displayShortName")
			return utf8.RuneCountInString(long) <= 60 && utf8.RuneCountInString(short) <= 20 && !strings.ContainsAny(long+short, "%@")
		}},
		{"help is https, in English", func(_ []byte, root node, _ provider.Account) bool {
			for _, help := range root.all("emailProvider", "documentation") {
				u, err := url.Parse(attr(help, "url"))
				if err != nil || u.Scheme != "https" || len(help.Nodes) != 1 || attr(help.Nodes[0], "lang") != "en" {
					return false
				}
			}
			return true
		}},
		{"the address asked about is not in it", func(doc []byte, _ node, a provider.Account) bool {
			return a.Address.IsZero() || !bytes.Contains(doc, []byte(a.Address.LocalPart()+"@"+a.Domain.String()))
		}},
		{"the same bytes again", func(doc []byte, _ node, a provider.Account) bool {
			again, err := Autoconfig(a)
			return err == nil && bytes.Equal(doc, again)
		}},
	}
	for _, c := range cases {
		a := account(t, table, c.who)
		doc, err := Autoconfig(a)
		if err != nil {
			t.Fatal(err)
		}
		root := parse(t, doc)
		for _, rule := range rules {
			if !rule.holds(doc, root, a) {
				t.Errorf("%s: broken rule: %s\n%s", c.name, rule.name, doc)
			}
		}
	}
}

func serverIs(n node, e provider.Endpoint) bool {
	security := map[provider.Security]string{provider.TLS: "SSL", provider.StartTLS: "STARTTLS"}
	return n.text("hostname") == e.Host.String() && n.text("port") == port(e.Port) && n.text("socketType") == security[e.Security] && slices.Equal(n.texts("authentication"), autoconfigWays(e.Auth))
}

// autoconfigWays are the words for a list of login methods.
func autoconfigWays(list provider.Auths) []string {
	words := map[provider.Auth]string{
		provider.AuthPassword: "password-cleartext", provider.AuthCRAMMD5: "password-encrypted", provider.AuthOAuth2: "OAuth2",
	}
	var all []string
	for _, a := range list.All() {
		all = append(all, words[a])
	}
	return all
}
