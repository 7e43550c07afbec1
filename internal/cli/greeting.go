package cli

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"

	"mailsetup/internal/document"
	"mailsetup/internal/logbuffer"
	"mailsetup/internal/provider"
	"mailsetup/server"
)

// greet prints the greeting. If nobody reads it, the server starts anyway.
func (p program) greet(t *provider.Table, cfg server.Config, on server.Listeners) {
	var text bytes.Buffer
	writeGreeting(&text, t, cfg, on)
	stdout := logbuffer.New(logbuffer.Config{Output: p.Stdout, Size: text.Len()})
	_, _ = stdout.Write(text.Bytes())
	stdout.Close(flushTimeout)
}

// writeGreeting tells the person who has just started the server what it serves and
// what to try first.
func writeGreeting(w io.Writer, t *provider.Table, cfg server.Config, on server.Listeners) {
	var lines []string
	for _, p := range t.Providers() {
		lines = append(lines, fmt.Sprintf("  %s: %s", p.Name, strings.Join(names(p.Domains), ", ")))
	}
	fmt.Fprintf(w, "mailsetup serves\n%s\n", strings.Join(shorten(lines), "\n"))
	if n := t.HostedCount(); n > 0 {
		var hosted []string
		for d := range t.Hosted() {
			if hosted = append(hosted, d.String()); len(hosted) == 5 {
				break
			}
		}
		if n > len(hosted) {
			hosted = append(hosted, fmt.Sprintf("and %d more", n-len(hosted)))
		}
		fmt.Fprintf(w, "  your own domains: %s\n", strings.Join(hosted, ", "))
	}
	if cfg.Recogniser != nil {
		fmt.Fprintf(w, "  and every domain that uses their mail exchangers\n")
	}
	local := localURL("http", on.Public.Addr())
	switch {
	case cfg.TLS == nil:
	case on.Plain != nil: // needs no certificate for the name localhost
		local = localURL("http", on.Plain.Addr())
	default:
		local = localURL("https", on.Public.Addr())
	}
	if cfg.Challenge != nil {
		fmt.Fprintf(w, "\nA certificate is obtained for each name of your domains as soon as it points here;\nthe log says which names are waiting for what. 'mailsetup dns' prints the records.\n")
	}
	if cfg.PublicURL.IsZero() {
		fmt.Fprintf(w, "\nThe page for people:  %s/\n", local)
		fmt.Fprintf(w, "  (links for other devices need --public-url)\n")
	} else {
		fmt.Fprintf(w, "\nThe page for people:  %s/\n", cfg.PublicURL)
	}
	fmt.Fprintf(w, "Ask as Thunderbird:   curl '%s%s?emailaddress=jane@%s'\n", local, document.ConfigPath, exampleDomain(t))
}

// exampleDomain returns a domain of the table to try, preferably one of the operator's.
func exampleDomain(t *provider.Table) provider.Domain {
	for d := range t.Hosted() {
		return d
	}
	for _, p := range t.Providers() {
		if len(p.Domains) > 0 {
			return p.Domains[0]
		}
	}
	return t.Providers()[0].MX[0] // its database answers for exchangers, too
}

func names(domains []provider.Domain) []string {
	var list []string
	for _, d := range domains {
		list = append(list, d.String())
	}
	return shorten(list)
}

// localURL returns the URL of a listener on this machine.
func localURL(scheme string, a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return scheme + "://" + a.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}
