package server

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"

	"mailsetup/internal/provider"
)

// A PublicURL is where the outside world reaches the server: scheme, host and
// port. The zero PublicURL means that the operator did not say.
type PublicURL struct{ url string }

// ParsePublicURL reads an http or https URL without path, query or user
// information. Host names of one label and IP addresses are accepted, because
// a server on a desk has no other name.
func ParsePublicURL(s string) (PublicURL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return PublicURL{}, fmt.Errorf("%q is no public URL: write it as https://autoconfig.example.com", s)
	}
	if u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return PublicURL{}, fmt.Errorf("%q is no public URL: give scheme, host and port only, as in https://autoconfig.example.com", s)
	}
	if n, err := strconv.ParseUint(u.Port(), 10, 16); u.Port() != "" && (err != nil || n == 0) {
		return PublicURL{}, fmt.Errorf("%q is no public URL: its port is not between 1 and 65535", s)
	}
	if !plainHost(u.Hostname()) {
		return PublicURL{}, fmt.Errorf("%q is no public URL: its host is neither a name nor an IP address", s)
	}
	return PublicURL{url: u.Scheme + "://" + u.Host}, nil
}

func plainHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	// A single label becomes a domain with a parent, so one parser does.
	_, err := provider.ParseDomain(host + ".test")
	return err == nil
}

// String returns the URL without a trailing slash; "" for the zero PublicURL.
func (u PublicURL) String() string { return u.url }

// IsZero reports whether the operator gave no URL.
func (u PublicURL) IsZero() bool { return u.url == "" }
