package provider

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// A Link is the absolute https URL of a page for people. The zero Link means none.
type Link struct{ url string }

// ErrLink is wrapped by every error of [ParseLink].
var ErrLink = errors.New("not an https link")

// ParseLink reads an absolute https URL with a host name, without user
// information. Its errors never hold the input.
func ParseLink(s string) (Link, error) {
	u, err := url.Parse(s)
	if err != nil || !strings.HasPrefix(s, "https://") || u.User != nil {
		return Link{}, fmt.Errorf("%w: it must start with https:// and must not contain a user name", ErrLink)
	}
	if _, err := ParseDomain(u.Hostname()); err != nil {
		return Link{}, fmt.Errorf("%w: the host is missing", ErrLink)
	}
	return Link{url: u.String()}, nil
}

// String returns the URL, "" for the zero Link.
func (l Link) String() string { return l.url }

// IsZero reports whether l is the zero Link.
func (l Link) IsZero() bool { return l.url == "" }
