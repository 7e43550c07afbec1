package document

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"

	"mailsetup/internal/provider"
)

// A PublicURL is where the outside world reaches the server: scheme, host and
// port. The zero PublicURL means unknown.
type PublicURL struct {
	text    string
	name    provider.Domain
	address netip.Addr
	port    uint16
	https   bool
}

// ParsePublicURL reads an http or https URL without path, query or user
// information. Host names of one label and IP addresses are accepted, because
// a local server may have no other name.
func ParsePublicURL(s string) (PublicURL, error) {
	refuse := func(reason string) (PublicURL, error) {
		return PublicURL{}, fmt.Errorf("invalid public URL %q: %s", s, reason)
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return refuse("write it as https://setup.example.com")
	}
	if u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return refuse("give scheme, host and port only, as in https://setup.example.com")
	}
	public := PublicURL{text: u.Scheme + "://" + u.Host, https: u.Scheme == "https"}
	if u.Port() != "" {
		n, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil || n == 0 {
			return refuse("its port is not between 1 and 65535")
		}
		public.port = uint16(n)
	}
	if public.address, err = netip.ParseAddr(u.Hostname()); err == nil {
		return public, nil
	}
	// A single label is not a domain, but becomes one with a parent.
	if _, err := provider.ParseDomain(u.Hostname() + ".test"); err != nil {
		return refuse("its host is neither a name nor an IP address")
	}
	public.name, _ = provider.ParseDomain(u.Hostname())
	return public, nil
}

// String returns the URL without a trailing slash; "" for the zero PublicURL.
func (u PublicURL) String() string { return u.text }

// IsZero reports whether the operator gave no URL.
func (u PublicURL) IsZero() bool { return u.text == "" }

// HTTPS reports whether the server is reached by https.
func (u PublicURL) HTTPS() bool { return u.https }

// Domain returns the host's name; zero if it is an IP address or a single label,
// which others cannot look up.
func (u PublicURL) Domain() provider.Domain { return u.name }

// Address returns the host's IP address; zero if it is a name.
func (u PublicURL) Address() netip.Addr { return u.address }

// Port returns the port that the URL states, or 0.
func (u PublicURL) Port() uint16 { return u.port }

// autodiscover returns the URL of the POX document of a domain: below the public URL
// if there is one, otherwise below the domain's own name.
func (u PublicURL) autodiscover(d provider.Domain) string {
	if u.IsZero() {
		return "https://" + d.Child(AutodiscoverLabel).String() + AutodiscoverPath
	}
	return u.text + AutodiscoverPath
}
