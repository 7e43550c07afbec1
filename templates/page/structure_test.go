package page

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"mailsetup/internal/language"
	"mailsetup/internal/provider/providertest"
)

// An element is a start tag as written.
type element struct {
	name string
	attr map[string]string
	in   []string // the open elements around it
	text string   // everything inside, for the few checks that need it
}

var voidElements = []string{"meta", "link", "input", "br", "wbr", "img"}

// readStrictly reads a page as an XML parser would: every element must be closed in order.
// html.Parse repairs mistakes, so it cannot find them.
func readStrictly(page string) ([]*element, error) {
	var all []*element
	var open []*element
	names := func() (list []string) {
		for _, e := range open {
			list = append(list, e.name)
		}
		return list
	}
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				return nil, z.Err()
			}
			if len(open) > 0 {
				return nil, fmt.Errorf("not closed: %v", names())
			}
			return all, nil
		case html.TextToken:
			text := string(z.Text()) // can be read once
			for _, e := range open {
				e.text += text
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			e := &element{name: t.Data, attr: map[string]string{}, in: names()}
			for _, a := range t.Attr {
				if _, twice := e.attr[a.Key]; twice {
					return nil, fmt.Errorf("<%s> has %s twice", t.Data, a.Key)
				}
				e.attr[a.Key] = a.Val
			}
			all = append(all, e)
			if kind == html.StartTagToken && !slices.Contains(voidElements, t.Data) {
				open = append(open, e)
			}
		case html.EndTagToken:
			t := z.Token()
			if len(open) == 0 || open[len(open)-1].name != t.Data {
				return nil, fmt.Errorf("</%s> within %v", t.Data, names())
			}
			open = open[:len(open)-1]
		}
	}
}

// TestStructure checks every page for what browsers, screen readers and the content
// security policy require.
func TestStructure(t *testing.T) {
	for _, l := range Languages() {
		for name, page := range pagesIn(t, language.Choice{Language: l, Asked: l != language.English}) {
			t.Run(l.String()+"/"+name, func(t *testing.T) { checkStructure(t, l, page) })
		}
	}
}

func checkStructure(t *testing.T, l language.Language, page string) {
	if !strings.HasPrefix(page, "<!doctype html>") {
		t.Error("no doctype: browsers would use quirks mode")
	}
	for _, leak := range []string{"ZgotmplZ", "<no value>", "{{", "%!"} {
		if strings.Contains(page, leak) {
			t.Errorf("a template leaks %q", leak)
		}
	}
	all, err := readStrictly(page)
	if err != nil {
		t.Fatal(err)
	}
	checkIDs(t, all)
	checkResources(t, all)
	checkForms(t, all)
	checkHeadings(t, all)
	checkLanguage(t, l, all)
}

func checkIDs(t *testing.T, all []*element) {
	ids := map[string]bool{}
	for _, e := range all {
		if id, ok := e.attr["id"]; ok {
			if ids[id] {
				t.Errorf("id %s is used twice", id)
			}
			ids[id] = true
		}
	}
	for _, e := range all {
		for _, key := range []string{"for", "aria-labelledby", "aria-describedby"} {
			for id := range strings.FieldsSeq(e.attr[key]) {
				if !ids[id] {
					t.Errorf("<%s %s> points at %s, which is not there", e.name, key, id)
				}
			}
		}
		if id, ok := strings.CutPrefix(e.attr["href"], "#"); ok && !ids[id] {
			t.Errorf("a link leads to #%s, which is not there", id)
		}
	}
}

func checkResources(t *testing.T, all []*element) {
	for _, e := range all {
		for key, value := range e.attr {
			if key == "style" || strings.HasPrefix(key, "on") {
				t.Errorf("<%s %s> breaks the content security policy", e.name, key)
			}
			if strings.Contains(value, "@") && (key == "href" || key == "src" || key == "action") {
				t.Errorf("<%s %s> carries an address", e.name, key)
			}
		}
		switch e.name {
		case "style", "iframe", "object", "embed", "base":
			t.Errorf("<%s> breaks the content security policy", e.name)
		case "script":
			if e.text != "" || !strings.HasPrefix(e.attr["src"], AssetPath) {
				t.Errorf("a script is inline or not ours: %v", e.attr)
			}
		case "link":
			if !strings.HasPrefix(e.attr["href"], AssetPath) && (e.attr["rel"] != "alternate" || !strings.HasPrefix(e.attr["href"], "/")) {
				t.Errorf("<link> loads from elsewhere: %v", e.attr)
			}
		case "img":
			if _, ok := e.attr["alt"]; !ok || !strings.HasPrefix(e.attr["src"], AssetPath) {
				t.Errorf("an image has no alt or comes from elsewhere: %v", e.attr)
			}
		case "form":
			if e.attr["action"] != "/" || e.attr["method"] != "post" {
				t.Errorf("a form would put people's input into a URL: %v", e.attr)
			}
		case "a":
			href := e.attr["href"]
			_, download := e.attr["download"]
			switch {
			case download:
				t.Error("a download attribute keeps Safari from offering the profile")
			case strings.HasPrefix(href, "https://"):
				if e.attr["rel"] != "noreferrer" {
					t.Errorf("the link to %s would send a Referer", href)
				}
			case !strings.HasPrefix(href, "#") && !strings.HasPrefix(href, "?lang=") && !strings.HasPrefix(href, "/"):
				t.Errorf("the link %q is neither path-absolute nor https", href)
			}
			if strings.TrimSpace(e.text) == "" {
				t.Errorf("the link to %s has no text", href)
			}
		}
	}
}

func checkForms(t *testing.T, all []*element) {
	labelled := map[string]bool{}
	for _, e := range all {
		if e.name == "label" {
			labelled[e.attr["for"]] = true
		}
		// A block ends a paragraph, so the browser's tree would differ from the source.
		if slices.Contains(e.in, "p") && slices.Contains([]string{"p", "div", "ul", "ol", "table", "form", "h1", "h2", "h3", "figure", "details"}, e.name) {
			t.Errorf("<%s> within a paragraph", e.name)
		}
	}
	for _, e := range all {
		if e.name == "input" && e.attr["type"] != "hidden" && !labelled[e.attr["id"]] {
			t.Errorf("input %s has no label", e.attr["name"])
		}
		if e.name == "input" && e.attr["aria-invalid"] == "true" && e.attr["aria-describedby"] == "" {
			t.Errorf("input %s does not say what is wrong", e.attr["name"])
		}
		if e.name == "button" && e.attr["type"] == "" {
			t.Error("a button without type would send the form")
		}
	}
}

func checkHeadings(t *testing.T, all []*element) {
	last, mains := 0, 0
	for i, e := range all {
		switch e.name {
		case "title":
			if strings.TrimSpace(e.text) == "" {
				t.Error("the page has no title")
			}
		case "main":
			mains++
		case "h1", "h2", "h3", "h4":
			level := int(e.name[1] - '0')
			if level > last+1 || level == 1 && last != 0 || strings.TrimSpace(e.text) == "" {
				t.Errorf("heading %d, %q, after level %d", i, e.text, last)
			}
			last = level
		}
	}
	if mains != 1 || last == 0 {
		t.Errorf("%d main landmarks, last heading level %d", mains, last)
	}
}

// checkLanguage checks a page's language: the page states it and links to the others, and
// every link and form keeps the language that the person asked for.
func checkLanguage(t *testing.T, l language.Language, all []*element) {
	alternates, links := 0, 0
	for _, e := range all {
		switch {
		case e.name == "html":
			if e.attr["lang"] != l.String() || e.attr["dir"] != l.Direction() {
				t.Errorf("the page does not say its language: %v", e.attr)
			}
		case e.attr["hreflang"] != "":
			to, err := language.Parse(e.attr["hreflang"])
			if err != nil || to == l || !strings.HasSuffix(e.attr["href"], "lang="+to.String()) {
				t.Errorf("a link to another language: %v, %v", e.attr, err)
			}
			if e.name == "link" {
				alternates++
				continue
			}
			links++
			if e.text != to.Name() || e.attr["lang"] != to.String() || e.attr["dir"] != to.Direction() {
				t.Errorf("the link to %s is %v, %q", to, e.attr, e.text)
			}
		case e.name == "button" && e.attr["name"] == FieldLanguage: // keeps what was typed
			to, err := language.Parse(e.attr["value"])
			if err != nil || to == l || e.attr["form"] != "start" || e.text != to.Name() || e.attr["lang"] != to.String() || e.attr["dir"] != to.Direction() {
				t.Errorf("the button for another language: %v, %q, %v", e.attr, e.text, err)
			}
			links++
		case e.name == "a" && l != language.English:
			href := e.attr["href"]
			if strings.HasPrefix(href, "/") && !strings.HasSuffix(href, ".k9s") && !strings.HasSuffix(href, "?lang="+l.String()) {
				t.Errorf("the link to %s loses the language", href)
			}
		}
	}
	if want := len(Languages()) - 1; links != want || alternates != 0 && alternates != want {
		t.Errorf("%d links or buttons and %d alternates, want %d", links, alternates, want)
	}
	if l == language.English {
		return
	}
	forms, carried := 0, 0
	for _, e := range all {
		if e.name == "form" {
			forms++
		}
		if e.attr["name"] == FieldLanguage && e.attr["value"] == l.String() && slices.Contains(e.in, "form") {
			carried++
		}
	}
	if carried != forms {
		t.Errorf("%d of %d forms carry the language", carried, forms)
	}
}

// structure is the page without its words, which no typed text may change.
func structure(t testing.TB, page string) string {
	t.Helper()
	all, err := readStrictly(page)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range all {
		keys := slices.Sorted(func(yield func(string) bool) {
			for k := range e.attr {
				if !yield(k) {
					return
				}
			}
		})
		fmt.Fprintln(&b, len(e.in), e.name, keys)
	}
	return b.String()
}

var payloads = []string{
	`"><script>alert(1)</script>`,
	`'><img src=x onerror=alert(1)>`,
	`</title></head><body onload=alert(1)>`,
	`javascript:alert(1)`,
	`{{.Site}}{{template "frame"}}`,
	`"autofocus onfocus=alert(1) x="`,
	"\x00\u202e\ufffe<!--",
}

// TestInjection: text that an attacker puts into somebody's form field stays text.
func TestInjection(t *testing.T) {
	table := providertest.Table(t, overlay)
	p := newPages(t, Config{PublicURL: "https://setup.example.com"})
	form := func(typed string) string {
		v := FormView{Typed: Typed{Address: typed, Name: typed, Login: typed}, LoginAt: table.Providers()[0], Problems: []Problem{AddressInvalid}}
		return render(t, func(w io.Writer) error { return p.Form(w, inEnglish, v) })
	}
	result := func(name, address string) string {
		v := ResultView{Account: providertest.Account(t, table, address), Name: name, Path: path, Minutes: 1}
		return render(t, func(w io.Writer) error { return p.Result(w, inEnglish, v) })
	}
	for _, payload := range payloads {
		if got := form(payload); structure(t, got) != structure(t, form("jane")) {
			t.Errorf("%q changes the form:\n%s", payload, got)
		}
		if got := result(payload, "jane@example.com"); structure(t, got) != structure(t, result("Jane", "jane@example.com")) {
			t.Errorf("%q changes the result:\n%s", payload, got)
		}
	}
	// The strangest valid local part.
	const strange = "!#$&'*+-/=?^_`{|}~{{}}"
	if got := result("Jane", strange+"@example.com"); structure(t, got) != structure(t, result("Jane", "jane@example.com")) {
		t.Errorf("the address changes the page:\n%s", got)
	}
}

func FuzzForm(f *testing.F) {
	p := newPages(f, Config{})
	for _, payload := range payloads {
		f.Add(payload)
	}
	write := func(t testing.TB, typed string) string {
		v := FormView{Typed: Typed{Address: typed, Name: typed, Login: typed}, Problems: []Problem{AddressInvalid, NameInvalid}}
		return structure(t, render(t, func(w io.Writer) error { return p.Form(w, inEnglish, v) }))
	}
	want := write(f, "jane")
	f.Fuzz(func(t *testing.T, typed string) {
		if typed == "" {
			return // an empty form has links to other languages, a filled one buttons
		}
		if got := write(t, typed); got != want {
			t.Errorf("%q changes the form", typed)
		}
	})
}

// TestFolded: a phone shows the best method for the device, then the servers. Everything
// else is folded.
func TestFolded(t *testing.T) {
	all := pages(t)
	for _, name := range []string{"icloud-iphone", "icloud-mac", "second-windows", "hosted-iphone"} {
		elements, err := readStrictly(all[name])
		if err != nil {
			t.Fatal(name, err)
		}
		var open []string
		for _, e := range elements {
			if slices.Contains([]string{"h1", "h2"}, e.name) && !slices.Contains(e.in, "details") {
				open = append(open, strings.Join(strings.Fields(e.text), " "))
			}
		}
		if len(open) < 4 || !strings.HasPrefix(open[0], "Set up") || !strings.HasPrefix(open[1], "On this") ||
			open[len(open)-2] != "Servers and user names" || open[len(open)-1] != "Other devices and apps" {
			t.Errorf("%s shows the sections %q", name, open)
		}
		for _, e := range elements {
			if _, isOpen := e.attr["open"]; e.name == "details" && isOpen {
				t.Errorf("%s has an open fold", name)
			}
		}
	}
}
