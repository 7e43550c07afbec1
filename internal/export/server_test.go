package export_test

import (
	"net/http"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/document"
	"mailsetup/internal/export"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// urlOf returns the URL at which a client gets the contents of a file; "" for
// files that are not answers.
func urlOf(name string) string {
	top, rest, _ := strings.Cut(name, "/")
	base := path.Base(name)
	switch {
	case base == "_headers", base == "404.html", base == "policies.json", base == "outlook.reg", rest == "", path.Ext(rest) == ".txt":
		return ""
	case top == "ispdb":
		return "https://mail-settings.example.net/" + rest
	case top == "hosts" && base == "autodiscoverv1.json":
		host, _, _ := strings.Cut(rest, "/")
		return "https://" + host + "/autodiscover/autodiscover.json?Protocol=Autodiscoverv1&RedirectCount=1"
	case top == "hosts":
		return "https://" + rest
	case strings.HasPrefix(rest, "thunderbird/isp/"):
		return "https://autoconfig." + strings.TrimSuffix(base, ".xml") + "/mail/config-v1.1.xml"
	case strings.HasPrefix(rest, "outlook/"):
		return "https://autodiscover." + strings.TrimSuffix(base, ".xml") + "/autodiscover/autodiscover.xml"
	}
	return "https://no-such-file.test/" + name
}

// Moving from files to a server, or back, must not change what clients get.
func TestBytesAreTheServers(t *testing.T) {
	var public document.PublicURL
	dir, _, table := exportTable(t, everything, withURL(t), func(cfg *export.Config) { public = cfg.PublicURL })
	h := serverOf(t, table, public)
	answers := 0
	for _, name := range files(t, dir) {
		url := urlOf(name)
		if url == "" {
			continue
		}
		answers++
		w := get(h, url)
		if w.Code != http.StatusOK {
			t.Errorf("%s: the server answers %s with %d", name, url, w.Code)
			continue
		}
		if diff := cmp.Diff(w.Body.String(), read(t, dir, name)); diff != "" {
			t.Errorf("%s differs from %s (-server +file):\n%s", name, url, diff)
		}
	}
	if answers < 50 {
		t.Errorf("only %d files were compared", answers)
	}
}

// Whatever the server answers without an address must be there as a file.
func TestNothingIsMissing(t *testing.T) {
	dir, _, table := exportTable(t, everything)
	h := serverOf(t, table, document.PublicURL{})
	have := files(t, dir)
	for _, d := range []string{
		"example.com", "example.org", "family.test", "xn--bcher-kva.test", "boats.test", "boats.test.xml",
		"autoconfig.example.com", "icloud.com", "harbour.test", "mail.icloud.com", "mx.harbour.test", "unknown.test",
	} {
		for _, file := range []string{"ispdb/v1.1/" + d, "ispdb/v1.1/" + d + ".xml"} {
			served := get(h, urlOf(file)).Code == http.StatusOK
			if served != slices.Contains(have, file) {
				t.Errorf("%s: served %t, written %t", file, served, !served)
			}
		}
		if m, ok := table.ByDomain(providertest.Domain(t, d)); !ok || m.Class() != provider.ClassHosted {
			continue // we have no such hosts
		}
		for _, file := range []string{
			"hosts/" + d + "/.well-known/autoconfig/mail/config-v1.1.xml",
			"hosts/autoconfig." + d + "/.well-known/autoconfig/mail/config-v1.1.xml",
			"hosts/autoconfig." + d + "/.well-known/mail-v1.xml",
			"hosts/autoconfig." + d + "/mail/config-v1.1.xml",
			"hosts/autodiscover." + d + "/autodiscover/autodiscover.xml",
		} {
			served := get(h, urlOf(file)).Code == http.StatusOK
			if served != slices.Contains(have, file) {
				t.Errorf("%s: served %t, written %t", file, served, !served)
			}
		}
	}
}

// Static hosts guess a media type from the name, which gives none for
// /v1.1/icloud.com and a wrong one for Thunderbird in half of the other cases.
// _headers must set what the server sends, for every file of the site, exactly
// once.
func TestHeadersFile(t *testing.T) {
	var public document.PublicURL
	dir, _, table := exportTable(t, "domains: {example.com: icloud, example.org: icloud}", withURL(t), func(cfg *export.Config) { public = cfg.PublicURL })
	h := serverOf(t, table, public)
	sites := map[string]map[string][]string{}
	for _, name := range files(t, dir) {
		if path.Base(name) == "_headers" {
			sites[path.Dir(name)] = parseHeaders(t, read(t, dir, name))
		}
	}
	for site, rules := range sites {
		for _, name := range files(t, filepath.Join(dir, filepath.FromSlash(site))) {
			url := urlOf(site + "/" + name)
			if url == "" {
				continue
			}
			var matched [][]string
			for pattern, lines := range rules {
				prefix, wild := strings.CutSuffix(pattern, "*")
				if pattern == "/"+name || wild && strings.HasPrefix("/"+name, prefix) {
					matched = append(matched, lines)
				}
			}
			if len(matched) != 1 {
				t.Errorf("%s/%s: %d rules in _headers", site, name, len(matched))
				continue
			}
			want := get(h, url).Header()
			var lines []string
			for _, key := range []string{"Content-Type", "Cache-Control", "Access-Control-Allow-Origin", "X-Content-Type-Options"} {
				if value := want.Get(key); value != "" {
					lines = append(lines, key+": "+value)
				}
			}
			if diff := cmp.Diff(lines, matched[0]); diff != "" {
				t.Errorf("%s/%s (-server +_headers):\n%s", site, name, diff)
			}
		}
	}
	if len(sites) != 5 {
		t.Errorf("%d sites have a _headers file", len(sites))
	}
}

// parseHeaders reads a _headers file as static hosts document it: each path at the
// start of a line, followed by its headers, indented.
func parseHeaders(t *testing.T, text string) map[string][]string {
	t.Helper()
	rules := map[string][]string{}
	current := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if header, indented := strings.CutPrefix(line, "  "); indented {
			rules[current] = append(rules[current], header)
			continue
		}
		if current = line; rules[current] != nil || !strings.HasPrefix(line, "/") {
			t.Errorf("a rule for %q", line)
		}
	}
	return rules
}

// Geary gives up at an empty 404, and Cloudflare answers unknown paths with 200 if
// there is no 404.html.
func TestNotFoundIsTheServers(t *testing.T) {
	dir, _, table := exportTable(t, everything)
	w := get(serverOf(t, table, document.PublicURL{}), "https://autoconfig.unknown.test/mail/config-v1.1.xml")
	if w.Code != http.StatusNotFound || w.Body.Len() == 0 {
		t.Fatalf("the server answers %d %q", w.Code, w.Body)
	}
	for _, name := range []string{"ispdb/404.html", "hosts/autoconfig.example.com/404.html", "hosts/autodiscover.example.com/404.html"} {
		if got := read(t, dir, name); got != w.Body.String() {
			t.Errorf("%s is %q, the server says %q", name, got, w.Body)
		}
	}
}
