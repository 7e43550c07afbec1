package page

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

const (
	// firstFlight is what a server sends before the first acknowledgement: ten
	// segments of 1460 octets (RFC 6928, section 2).
	firstFlight = 10 * 1460
	// wholePage is the limit for a page with everything that it loads.
	wholePage = 60_000
)

// TestWeight loads each page with an empty cache, like a person in a shop with a
// new phone and a poor connection. Nothing is compressed here; a proxy may compress
// it.
func TestWeight(t *testing.T) {
	s := startServer(t, "--public-url", "https://setup.example.com")
	form := openTab(t, s, phone)
	form.open("/")
	page, whole := form.weight("/")
	t.Logf("form: %.0f octets, with all that it loads %.0f", page, whole)
	if page > firstFlight || whole > wholePage {
		t.Errorf("the form has %.0f octets, with all that it loads %.0f; want at most %d and %d", page, whole, firstFlight, wholePage)
	}

	// The longest result: with a QR code, an address that is not the login, a name.
	b := openTab(t, s, desktop)
	b.submit("canary.with-a-long-name.appleseed@example.org")
	b.submitAgain("#login", "canary.with-a-long-name.appleseed@icloud.com")
	page, whole = b.weight(b.path())
	t.Logf("result: %.0f octets, with all that it loads %.0f", page, whole)
	if whole > wholePage {
		t.Errorf("the result has %.0f octets, want at most %d", whole, wholePage)
	}
}

// weight returns the octets on the wire for a page, and for the page with
// everything that it loads, headers included. A cached file counts as when it was
// first loaded.
func (b *tab) weight(path string) (page, whole float64) {
	b.Helper()
	b.until(`document.readyState === 'complete'`)
	icon := eval[string](b, `document.querySelector('link[rel=icon]').href`)
	// Headless browsers load no icons.
	whole = float64(len(get(b.TB, icon)))
	r := &b.trace
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, u := range slices.Collect(maps.Keys(r.weight)) {
		switch {
		case u == b.server.URL+path:
			page = r.weight[u]
			whole += page
		case strings.HasPrefix(u, b.server.URL+"/assets/"):
			whole += r.weight[u]
		}
	}
	if page == 0 {
		b.Fatalf("unknown weight of %s: %v", path, r.weight)
	}
	return page, whole
}
