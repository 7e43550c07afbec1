package page

import (
	"io"
	"strings"
	"testing"

	"mailsetup/internal/language"
	"mailsetup/internal/provider/providertest"
)

// TestAssets: every file that a page loads exists under the name that the page uses, with
// the right type.
func TestAssets(t *testing.T) {
	p := newPages(t, Config{Operator: Operator{Logo: []byte("\x89PNG\r\n\x1a\n rest")}})
	page := render(t, func(w io.Writer) error { return p.Form(w, inEnglish, FormView{}) })
	all, err := readStrictly(page)
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]string{}
	for _, e := range all {
		for _, key := range []string{"src", "href"} {
			name, ok := strings.CutPrefix(e.attr[key], AssetPath)
			if !ok {
				continue
			}
			a, ok := p.Asset(name)
			if !ok || len(a.Data) == 0 || len(a.ETag) < 3 || a.ETag[0] != '"' {
				t.Errorf("%s: %v, %+v", name, ok, a)
			}
			types[e.name+" "+e.attr["rel"]] = a.Type
		}
	}
	for element, want := range map[string]string{
		"link icon":       "image/svg+xml",
		"link stylesheet": "text/css; charset=utf-8",
		"script ":         "text/javascript; charset=utf-8",
		"img ":            "image/png",
	} {
		if types[element] != want {
			t.Errorf("%s has the type %q, want %q", element, types[element], want)
		}
	}
	if _, ok := p.Asset("style.css"); ok {
		t.Error("a name without a hash is served: it would be cached for good")
	}
}

// TestAssetNames: a changed logo has another name, or browsers would keep the old one.
func TestAssetNames(t *testing.T) {
	one := newPages(t, Config{Operator: Operator{Logo: []byte("<svg>1</svg>")}})
	two := newPages(t, Config{Operator: Operator{Logo: []byte("<svg>2</svg>")}})
	if one.site.Logo == two.site.Logo || one.site.Stylesheet != two.site.Stylesheet {
		t.Errorf("names: %+v, %+v", one.site, two.site)
	}
}

// maxWeight is the limit for a page with everything that it loads, uncompressed, in octets.
// A phone on a poor connection gets it quickly. Arabic letters take two octets, Japanese
// ones three.
const maxWeight = 48 << 10

func TestWeight(t *testing.T) {
	table := providertest.Table(t, overlay)
	p := newPages(t, Config{PublicURL: "https://setup.example.com"})
	for _, l := range p.Offered() {
		page := render(t, func(w io.Writer) error {
			return p.Result(w, language.Choice{Language: l}, ResultView{Account: providertest.Account(t, table, "jane@example.com"), Path: path, Minutes: 15, Device: DeviceWindows})
		})
		weight := len(page)
		for _, a := range p.assets {
			weight += len(a.Data)
		}
		if weight > maxWeight {
			t.Errorf("the page in %s weighs %d octets in all, more than %d", l, weight, maxWeight)
		}
		t.Logf("the page in %s %d, with all that it loads %d octets", l, len(page), weight)
	}
}
