package templates

import (
	"bytes"
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"mailsetup/internal/provider"
)

// Each case below states a rule; Outlook, Thunderbird, Delta Chat or FairEmail
// drops an answer that breaks it, or reads plaintext from it.
func TestAutodiscoverBody(t *testing.T) {
	table := table(t)
	protocols := func(root node) []node { return root.all("Response", "Account", "Protocol") }
	rules := []struct {
		name  string
		holds func(doc []byte, root node, a provider.Account) bool
	}{
		{"declaration, no byte order mark", func(doc []byte, _ node, _ provider.Account) bool {
			return bytes.HasPrefix(doc, []byte(`<?xml version="1.0" encoding="utf-8"?>`+"\n<Autodiscover xmlns="))
		}},
		{"ends in one newline", func(doc []byte, _ node, _ provider.Account) bool {
			return bytes.HasSuffix(doc, []byte("</Autodiscover>\n"))
		}},
		{"no qualified names, two default namespaces", func(doc []byte, root node, _ provider.Account) bool {
			clean := !bytes.Contains(doc, []byte("xmlns:")) && bytes.Count(doc, []byte("xmlns=")) == 2
			root.walk(func(n node) {
				want := "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
				if n.XMLName.Local == "Autodiscover" {
					want = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
				}
				clean = clean && n.XMLName.Space == want
			})
			return clean
		}},
		{"no attribute but xmlns", func(_ []byte, root node, _ provider.Account) bool {
			clean := true
			root.walk(func(n node) {
				clean = clean && !slices.ContainsFunc(n.Attrs, func(a xml.Attr) bool { return !isNamespace(a) })
			})
			return clean
		}},
		{"no empty element, no white space around text", func(_ []byte, root node, _ provider.Account) bool {
			clean := true
			root.walk(func(n node) {
				if len(n.Nodes) == 0 {
					clean = clean && n.Text != "" && n.Text == strings.TrimSpace(n.Text)
				}
			})
			return clean
		}},
		{"one Response with User, then one Account", func(_ []byte, root node, _ provider.Account) bool {
			return slices.Equal(names(root), []string{"Response"}) && slices.Equal(names(root.Nodes[0]), []string{"User", "Account"})
		}},
		{"type and action before the protocols, for FairEmail", func(_ []byte, root node, _ provider.Account) bool {
			account := root.all("Response", "Account")[0]
			return slices.Equal(names(account), []string{"AccountType", "Action", "Protocol", "Protocol"}) &&
				account.text("AccountType") == "email" && account.text("Action") == "settings"
		}},
		{"IMAP, then SMTP, in upper case", func(_ []byte, root node, _ provider.Account) bool {
			return slices.Equal(root.texts("Response", "Account", "Protocol", "Type"), []string{"IMAP", "SMTP"})
		}},
		{"elements in the documented order", func(_ []byte, root node, _ provider.Account) bool {
			order := []string{"Type", "Server", "Port", "DomainRequired", "LoginName", "SPA", "SSL", "Encryption", "AuthRequired", "UsePOPAuth", "SMTPLast"}
			for _, p := range protocols(root) {
				optional := func(tag string) bool { return !slices.Contains(names(p), tag) }
				if !slices.Equal(names(p), slices.DeleteFunc(slices.Clone(order), optional)) {
					return false
				}
			}
			return true
		}},
		{"no pop but in UsePOPAuth", func(doc []byte, _ node, _ provider.Account) bool {
			return !strings.Contains(strings.ToLower(strings.ReplaceAll(string(doc), "UsePOPAuth", "")), "pop")
		}},
		{"nothing that belongs to Exchange, nothing invented", func(_ []byte, root node, _ provider.Account) bool {
			foreign := []string{"TLS", "DirectoryPort", "ReferralPort", "AuthPackage", "LegacyDN", "DeploymentId", "DomainName", "ExpirationDate", "TTL"}
			clean := true
			root.walk(func(n node) { clean = clean && !slices.Contains(foreign, n.XMLName.Local) })
			return clean
		}},
		{"switches that Outlook must not leave at their default", func(_ []byte, root node, _ provider.Account) bool {
			for _, p := range protocols(root) {
				if p.text("SSL") != "on" || p.text("SPA") != "off" || p.text("DomainRequired") != "off" || p.text("AuthRequired") != "on" {
					return false
				}
			}
			smtp := protocols(root)[1]
			return smtp.text("SMTPLast") == "off" && protocols(root)[0].text("SMTPLast") == ""
		}},
		{"hosts, ports and encryption of the table", func(_ []byte, root node, a provider.Account) bool {
			encryption := map[provider.Security]string{provider.TLS: "SSL", provider.StartTLS: "TLS"}
			for i, e := range []provider.Endpoint{a.Incoming, a.Outgoing} {
				p := protocols(root)[i]
				if p.text("Server") != e.Host.String() || p.text("Port") != port(e.Port) || p.text("Encryption") != encryption[e.Security] {
					return false
				}
			}
			return true
		}},
		{"logins where they are known, else none", func(_ []byte, root node, a provider.Account) bool {
			for i, e := range []provider.Endpoint{a.Incoming, a.Outgoing} {
				logins := protocols(root)[i].texts("LoginName")
				if e.Login.Name.IsZero() && len(logins) != 0 || !e.Login.Name.IsZero() && !slices.Equal(logins, []string{e.Login.Name.String()}) {
					return false
				}
			}
			return true
		}},
		{"UsePOPAuth on for equal logins, else absent", func(_ []byte, root node, a provider.Account) bool {
			var want []string
			if a.LoginsEqual() {
				want = []string{"on"}
			}
			return slices.Equal(protocols(root)[1].texts("UsePOPAuth"), want) && len(protocols(root)[0].texts("UsePOPAuth")) == 0
		}},
		{"the service's name, and the address where one was given", func(_ []byte, root node, a provider.Account) bool {
			user := root.all("Response", "User")[0]
			return user.text("DisplayName") == a.Provider.Name && user.text("AutoDiscoverSMTPAddress") == a.Address.String() &&
				len(user.Nodes) == 1+len(user.texts("AutoDiscoverSMTPAddress"))
		}},
		{"the same bytes again", func(doc []byte, _ node, a provider.Account) bool {
			again, err := Autodiscover(a)
			return err == nil && bytes.Equal(doc, again)
		}},
	}
	for _, c := range cases {
		a := account(t, table, c.who)
		doc, err := Autodiscover(a)
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

// iCloud's two logins differ, so Outlook must not be told to use one for both.
func TestAutodiscoverLogins(t *testing.T) {
	table := table(t)
	for _, tt := range []struct{ who, in, out, same string }{
		{"icloud.com", "", "", ""},
		{"jane@icloud.com", "jane", "jane@icloud.com", ""},
		{"john@example.com", "", "", ""},
		{"jane@example.com", "jane.appleseed", "jane.appleseed@icloud.com", ""},
		{"example.org", "family", "family@me.com", ""},
		{"mail.test", "", "", ""},
		{"jane@mail.test", "jane@mail.test", "jane@mail.test", "on"},
		{"jane@hosted.test", "jane@hosted.test", "jane@hosted.test", "on"},
	} {
		doc, err := Autodiscover(account(t, table, tt.who))
		if err != nil {
			t.Fatal(err)
		}
		p := parse(t, doc).all("Response", "Account", "Protocol")
		in, out, same := p[0].text("LoginName"), p[1].text("LoginName"), p[1].text("UsePOPAuth")
		if in != tt.in || out != tt.out || same != tt.same {
			t.Errorf("%s: logins %q and %q, UsePOPAuth %q; want %q, %q, %q", tt.who, in, out, same, tt.in, tt.out, tt.same)
		}
	}
}

func TestAutodiscoverRefusesWhatItCannotExpress(t *testing.T) {
	table := table(t)
	for name, change := range impossible {
		a := account(t, table, "jane@icloud.com")
		change(&a)
		if doc, err := Autodiscover(a); err == nil {
			t.Errorf("%s: written anyway:\n%s", name, doc)
		}
	}
}

func names(n node) []string {
	var names []string
	for _, child := range n.Nodes {
		names = append(names, child.XMLName.Local)
	}
	return names
}
