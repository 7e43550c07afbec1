package page

import (
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"mailsetup/internal/language"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// A shownServer is what people copy from the settings table.
type shownServer struct{ Host, Port, Security, User string }

// shownServers reads the servers of a page by protocol. Cells that contain prose instead
// of a value count as empty.
func shownServers(t *testing.T, page string) map[string]shownServer {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]shownServer{}
	chip := ""
	for list := range doc.Descendants() {
		if list.Data == "span" && attr(list, "class") == "chip" {
			chip = textOf(list) // in the heading before the list
		}
		if list.Data != "dl" {
			continue
		}
		var values []string
		for n := range list.Descendants() {
			switch {
			case n.Data == "dd":
				values = append(values, "")
			case n.Data == "span" && attr(n, "class") == "value":
				values[len(values)-1] = textOf(n)
			}
		}
		if len(values) != 5 {
			t.Fatalf("%d rows in the list of %s", len(values), chip)
		}
		shown[chip] = shownServer{values[0], values[1], values[2], values[3]}
	}
	return shown
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// TestSettings: the page shows the account's settings, for every service and every kind
// of login. Wrong values here would be typed into mail apps.
func TestSettings(t *testing.T) {
	table := providertest.Table(t, overlay)
	p := newPages(t, Config{})
	words := map[provider.Security]string{provider.TLS: "SSL/TLS", provider.StartTLS: "STARTTLS"}
	shown := func(e provider.Endpoint) shownServer {
		return shownServer{e.Host.String(), strconv.Itoa(int(e.Port)), words[e.Security], e.Login.Name.String()}
	}
	for _, address := range []string{"jane@icloud.com", "Jane+x@me.com", "j.d@mac.com", "jane@example.com", "jane@example.org", "jane@mail.test"} {
		a := providertest.Account(t, table, address)
		page := render(t, func(w io.Writer) error {
			return p.Result(w, inEnglish, ResultView{Account: a, Path: path, Minutes: 15})
		})
		want := map[string]shownServer{"IMAP": shown(a.Incoming), "SMTP": shown(a.Outgoing)}
		if diff := cmp.Diff(want, shownServers(t, page)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", address, diff)
		}
	}
}

// TestAlternative: people see the server that machine documents leave out, with its own
// values and its note.
func TestAlternative(t *testing.T) {
	page := pages(t)["icloud-iphone"]
	_, text, _ := strings.Cut(page, `<p class="alternative">`)
	text, _, _ = strings.Cut(text, "</p>")
	for _, want := range []string{"outgoing", "smtp.mail.me.com", "port 465", "SSL/TLS", "jane@icloud.com"} {
		if !strings.Contains(text, want) {
			t.Errorf("the alternative lacks %q: %s", want, text)
		}
	}
	if page := pages(t)["campus-unknown"]; !strings.Contains(page, "user name jane. Open in the library.</p>") {
		t.Error("the alternative lacks its note")
	}
	german := language.Choice{Language: language.German}
	if page := pagesIn(t, german)["campus-unknown"]; !strings.Contains(page, `jane. <span lang="en" dir="ltr">Open in the library.</span>`) {
		t.Error("the note on a German page is not marked as English")
	}
	if strings.Contains(pages(t)["second-iphone"], "alternative") {
		t.Error("a service with one server each shows an alternative")
	}
}

// TestPasswordsAreNotGuessed: the page says "your account password" only where the table
// does, and offers a profile only if one exists.
func TestPasswordsAreNotGuessed(t *testing.T) {
	all := pages(t)
	for name, want := range map[string]struct {
		says, never []string
	}{
		"both-windows": {
			says:  []string{"Account or app password", "The old manual: <span class=\"value\" dir=\"ltr\">http://www.both.test/manual</span>", `href="https://help.both.test/imap"`, "OAuth2” or “normal password"},
			never: []string{"our account password", "http://www.both.test/manual\""},
		},
		"signin-windows": {
			says:  []string{"In the browser (OAuth 2)", "does not accept passwords from mail apps", "A profile cannot do that, so there is none.", `href="https://help.signin.test/programs"`},
			never: []string{"account password", "app-specific", ".mobileconfig", "with the same password", "normal password"},
		},
		"campus-unknown": {
			says:  []string{"In the browser (OAuth 2)", "Account or app password", "For incoming mail, the app opens a browser window", "“OAuth2” for incoming and “normal password” for outgoing mail"},
			never: []string{"our account password", ".mobileconfig"},
		},
		"form": {says: []string{"@b4.test", "and 1 more"}, never: []string{"@b5.test", "mx.signin.test"}},
	} {
		for _, text := range want.says {
			if !strings.Contains(all[name], text) {
				t.Errorf("%s does not say %q", name, text)
			}
		}
		for _, text := range want.never {
			if strings.Contains(all[name], text) {
				t.Errorf("%s says %q", name, text)
			}
		}
	}
}
