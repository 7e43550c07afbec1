package server

import (
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"

	"mailsetup/internal/provider"
)

// params yields the values of a query parameter; the name is compared without
// regard to letter case, because Outlook writes Email, email and EMAIL.
//
// A plus sign stays a plus sign. net/url would make a space of it, but GNOME
// Online Accounts, FairEmail, Nextcloud and Himalaya send addresses such as
// jane+news@example.com unescaped.
func params(rawQuery, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for rest := rawQuery; rest != ""; {
			var pair string
			pair, rest, _ = strings.Cut(rest, "&")
			key, value, _ := strings.Cut(pair, "=")
			if !strings.EqualFold(key, name) {
				if key, ok := unescape(key); !ok || !strings.EqualFold(key, name) {
					continue
				}
			}
			if v, ok := unescape(value); ok && !yield(v) {
				return
			}
		}
	}
}

// param returns the values of a query parameter; see [params].
func param(rawQuery, name string) []string { return slices.Collect(params(rawQuery, name)) }

// hasParam reports whether a query or a form has a parameter, whatever its value
// and letter case.
func hasParam(rawQuery, name string) bool {
	for pair := range strings.SplitSeq(rawQuery, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if len(key) < len(name) {
			continue // decoding makes nothing longer
		}
		if plain, ok := unescape(key); ok {
			key = plain
		}
		if strings.EqualFold(strings.TrimSpace(strings.ReplaceAll(key, "+", " ")), name) {
			return true
		}
	}
	return false
}

func unescape(s string) (string, bool) {
	if !strings.Contains(s, "%") {
		return s, true
	}
	v, err := url.PathUnescape(s) // unlike QueryUnescape, this keeps a plus sign
	return v, err == nil
}

// queryAddress returns the address in a client's query. Clients leave it out,
// leave it unescaped, escape it twice or make it up, so anything that is not
// one well-formed address counts as no address for machines; people see the
// error, which wraps errBadAddress.
func queryAddress(rawQuery string, names ...string) (provider.Address, error) {
	found, count := "", 0
	for _, name := range names {
		for value := range params(rawQuery, name) {
			found = value
			count++
		}
	}
	if count != 1 {
		return provider.Address{}, fmt.Errorf("%w: %d addresses were sent, want one", errBadAddress, count)
	}
	return clientAddress(found)
}

func clientAddress(s string) (provider.Address, error) {
	if !strings.Contains(s, "@") {
		// Escaped twice, as old Thunderbirds did: jane%2540icloud.com.
		if once, ok := unescape(s); ok {
			s = once
		}
	}
	a, err := provider.ParseAddress(strings.TrimSpace(s))
	if err != nil {
		return provider.Address{}, fmt.Errorf("%w: %w", errBadAddress, err)
	}
	return a, nil
}
