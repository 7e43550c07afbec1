package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"mailsetup/e2e/world"
	"mailsetup/internal/clients"
	"mailsetup/internal/clients/clientstest"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// The rules of package clients must describe what real clients do, above all with
// unexpected answers. Here each odd document has its own domain, once alone and
// once in front of a good one, and a client's whole search must end as
// [clients.Client.Discover] predicts.

// oddHosts are the existing mail servers that odd documents name.
var oddHosts = []string{
	"imap.example.com", "imap2.example.com", "smtp.example.com", "smtp2.example.com", "imap.example.org", "smtp.example.org",
	"imap.gmail.com",
}

// An oddDomain is one document for one client.
type oddDomain struct {
	document clientstest.Document
	domain   string
	second   bool // followed by a good document
	answers  map[string]clients.Answer
}

// oddDomains are all odd domains, by the client's name.
var oddDomains = sync.OnceValue(func() map[string][]*oddDomain {
	all := map[string][]*oddDomain{}
	for _, short := range []string{"thunderbird", "deltachat"} {
		c := client(short)
		for i, d := range clientstest.All() {
			for _, second := range []bool{false, true} {
				if short == "deltachat" && (d.Words || d.Format == clients.Autodiscover) && !second {
					continue // the other case shows as much, and Delta Chat is slow
				}
				o := &oddDomain{document: d, second: second, answers: map[string]clients.Answer{}}
				o.domain = fmt.Sprintf("%s-%03d-%t.test", short, i, second)
				o.publish(c)
				all[short] = append(all[short], o)
			}
		}
	}
	return all
})

// client finds a client by its name in lower case without spaces.
func client(short string) clients.Client {
	for _, c := range clients.All {
		if strings.ToLower(strings.ReplaceAll(c.Name, " ", "")) == short {
			return c
		}
	}
	panic("no client " + short)
}

func (o *oddDomain) address() string { return "jane@" + o.domain }

// publish puts the document at the first URL that the client requests in its
// format, and the good one at the second.
func (o *oddDomain) publish(c clients.Client) {
	address, err := provider.ParseAddress(o.address())
	if err != nil {
		panic(err)
	}
	for _, r := range c.Requests(address) {
		if r.Format != o.document.Format || r.Database {
			continue
		}
		switch len(o.answers) {
		case 0:
			o.answers[plainURL(r.URL)] = o.document.Answer
		case 1:
			if o.second {
				o.answers[plainURL(r.URL)] = clientstest.Good(o.document.Format)
			}
		}
	}
}

// plainURL returns a URL without its query.
func plainURL(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	u.RawQuery = ""
	return u.String()
}

func (o *oddDomain) answer(url string) clients.Answer {
	if a, ok := o.answers[plainURL(url)]; ok {
		return a
	}
	return clients.Answer{Status: http.StatusNotFound, ContentType: "text/plain; charset=utf-8", Body: []byte("not found\n")}
}

// ServeHTTP answers as the domain's web server.
func (o *oddDomain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u := *r.URL
	u.Scheme, u.Host = "http", r.Host
	if r.TLS != nil {
		u.Scheme = "https"
	}
	a := o.answer(u.String())
	if w.Header().Set("Content-Type", a.ContentType); a.ContentType == "" {
		w.Header()["Content-Type"] = nil // or Go would guess one
	}
	w.WriteHeader(a.Status)
	w.Write(a.Body)
}

// oddSites are the sites of all odd domains.
func oddSites() []world.Site {
	var all []world.Site
	for _, domains := range oddDomains() {
		for _, o := range domains {
			all = append(all, world.Site{Domain: o.domain, Autoconfig: true, Autodiscover: true, Handler: o})
		}
	}
	return all
}

// predict returns how the client's search ends according to its rules.
func (o *oddDomain) predict(t *testing.T, c clients.Client) (clients.Settings, error) {
	t.Helper()
	found, err := c.Discover(providertest.Address(t, o.address()), func(r clients.Request) (clients.Answer, error) {
		return o.answer(r.URL), nil
	})
	return found.Settings, err
}

// String names the case in messages.
func (o *oddDomain) String() string {
	if o.second {
		return o.document.String() + ", before a good one"
	}
	return o.document.String()
}
