package page

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/language"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
	writers "mailsetup/templates"
)

var update = flag.Bool("update", false, "write the golden files")

// overlay adds a second service that differs from the first in everything: one login for
// both servers, the account's own password, no links and no guide.
const overlay = `
providers:
  examplemail:
    name: Example Mail
    domains: [mail.test]
    imap: [{host: imap.mail.test, port: 993, security: tls, username: address}]
    smtp: [{host: smtp.mail.test, port: 465, security: tls, username: address}]
    password: {kind: account}
  bothmail:
    name: Both Mail
    domains: [both.test, b2.test, b3.test, b4.test, b5.test]
    imap: [{host: imap.both.test, port: 993, security: tls, username: address, auth: [oauth2, password]}]
    smtp: [{host: smtp.both.test, port: 465, security: tls, username: address, auth: [oauth2, password]}]
    password: {kind: unstated}
    help:
      pages:
        - {title: Set up a mail app, url: "https://help.both.test/imap"}
        - {title: The old manual, url: "http://www.both.test/manual"}
  signin:
    name: Sign-in Mail
    id: signin.test
    mx: [mx.signin.test]
    imap: [{host: imap.signin.test, port: 993, security: tls, username: address, auth: oauth2}]
    smtp: [{host: smtp.signin.test, port: 587, security: starttls, username: address, auth: oauth2}]
    password: {kind: none, help: "https://help.signin.test/programs"}
  campus:
    name: Campus Mail
    domains: [campus.test]
    imap: [{host: imap.campus.test, port: 993, security: tls, username: address, auth: oauth2}]
    smtp:
      - {host: smtp.campus.test, port: 465, security: tls, username: localpart}
      - {host: smtp.campus.test, port: 587, security: starttls, username: localpart, note: Open in the library.}
    login: {domains: [campus.test]}
    password: {kind: unstated}
domains:
  shop.test: signin
  example.com: icloud
  example.org:
    provider: icloud
    logins: {jane@example.org: jane.appleseed@icloud.com}
`

// path is as long as a real one.
var path = "/p/" + strings.Repeat("AbCdEfGh-_012345", 9) + "/"

func newPages(t testing.TB, cfg Config) *Pages {
	t.Helper()
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func render(t testing.TB, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// inEnglish is for people who read none of the languages.
var inEnglish language.Choice

// pages renders every kind of page once, with English as the only language.
func pages(t testing.TB) map[string]string {
	return pagesIn(t, inEnglish, language.English)
}

// pagesIn renders every kind of page once in one of the languages offered.
func pagesIn(t testing.TB, choice language.Choice, offered ...language.Language) map[string]string {
	table := providertest.Table(t, overlay)
	icloud, _ := table.Provider("icloud")
	p := newPages(t, Config{PublicURL: "https://setup.example.com", Languages: offered})
	operated := newPages(t, Config{Languages: offered, Signed: true, Operator: Operator{
		Name:    "Example School",
		Support: link(t, "https://help.example.org/"),
		Logo:    []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
	}})
	result := func(p *Pages, v ResultView) string {
		v.Path, v.Minutes, v.AndroidFile = path, 15, "mailsetup.k9s"
		code, err := writers.AndroidQR(v.Account, v.Name)
		if err != nil && !errors.Is(err, writers.ErrNotImportable) {
			t.Fatal(err)
		}
		v.AndroidCode = string(code)
		return render(t, func(w io.Writer) error { return p.Result(w, choice, v) })
	}
	account := func(address string) provider.Account { return providertest.Account(t, table, address) }
	all := map[string]string{
		"form": render(t, func(w io.Writer) error {
			return p.Form(w, choice, FormView{Services: table.Providers()})
		}),
		"form-operator": render(t, func(w io.Writer) error {
			p := newPages(t, Config{Languages: offered, Operator: Operator{
				Name: "Example School", Domains: []provider.Domain{providertest.Domain(t, "example.com"), providertest.Domain(t, "bücher.example")}, MoreDomains: 3,
			}})
			return p.Form(w, choice, FormView{Services: table.Providers()})
		}),
		"form-domain": render(t, func(w io.Writer) error {
			return p.Form(w, choice, FormView{Services: table.Providers(), Typed: Typed{LinkDomain: providertest.Domain(t, "bücher.example")}, LoginAt: icloud})
		}),
		"form-problems": render(t, func(w io.Writer) error {
			return p.Form(w, choice, FormView{
				Typed: Typed{Address: "jane@", Name: "Jane\x01", Login: "jane@example.net"}, LoginAt: icloud,
				AddressFault: provider.AddressMissingDomain,
				Problems:     []Problem{AddressInvalid, LoginElsewhere, NameInvalid, AddressMissing},
			})
		}),
		"unknown-domain": render(t, func(w io.Writer) error {
			return p.UnknownDomain(w, choice, UnknownView{Domain: providertest.Domain(t, "bücher.example"), Services: table.Providers()})
		}),
		"unknown-near": render(t, func(w io.Writer) error {
			return p.UnknownDomain(w, choice, UnknownView{
				Domain: providertest.Domain(t, "icluod.com"), Services: table.Providers(),
				Typed: Typed{Address: "jane@icluod.com", Name: "Jane Appleseed", Login: "jane.appleseed@icloud.com"},
			})
		}),
		"icloud-iphone":   result(p, ResultView{Account: account("jane@icloud.com"), Name: "Jane Appleseed", Device: DeviceAppleMobile}),
		"icloud-mac":      result(operated, ResultView{Account: account("jane@me.com"), Device: DeviceMac}),
		"icloud-unknown":  result(p, ResultView{Account: account("jane@mac.com")}),
		"hosted-unmapped": result(p, ResultView{Account: account("jane@example.com"), Device: DeviceWindows}),
		"hosted-iphone":   result(p, ResultView{Account: account("jane@example.com"), Device: DeviceAppleMobile}),
		"hosted-mapped":   result(p, ResultView{Account: account("jane@example.org"), Device: DeviceAndroid}),
		"hosted-told": result(p, ResultView{
			Account: icloud.AccountWithLogin(providertest.Address(t, "jane@example.com"), providertest.Login(t, "jane.appleseed@me.com")),
			Device:  DeviceLinux,
		}),
		"second-iphone":  result(p, ResultView{Account: account("jane@mail.test"), Device: DeviceAppleMobile}),
		"both-windows":   result(p, ResultView{Account: account("jane@both.test"), Device: DeviceWindows}),
		"both-iphone":    result(p, ResultView{Account: account("jane@both.test"), Device: DeviceAppleMobile}),
		"signin-iphone":  result(p, ResultView{Account: account("jane@shop.test"), Device: DeviceAppleMobile}),
		"signin-windows": result(p, ResultView{Account: account("jane@shop.test"), Device: DeviceWindows}),
		"campus-unknown": result(p, ResultView{Account: account("jane@campus.test")}),
		"second-windows": result(operated, ResultView{Account: account("jane@mail.test"), Device: DeviceWindows}),
	}
	for n := NotFound; n <= Failure; n++ {
		key, err := n.key()
		if err != nil {
			t.Fatal(err)
		}
		var typed Typed
		if n.retry() {
			typed = Typed{Address: "jane@example.test", Name: "Jane Appleseed", LinkDomain: providertest.Domain(t, "example.test")}
		}
		all["notice-"+key] = render(t, func(w io.Writer) error { return p.Notice(w, choice, n, typed) })
	}
	return all
}

func link(t testing.TB, s string) provider.Link {
	t.Helper()
	l, err := provider.ParseLink(s)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// assetHash is removed from golden files, or each change of a colour would change them
// all.
var assetHash = regexp.MustCompile(`(/assets/[a-z]+)-[0-9a-f]{10}`)

// TestGolden puts every word that people read before reviewers.
func TestGolden(t *testing.T) {
	for name, html := range pages(t) {
		file := filepath.Join("testdata", name+".html")
		got := assetHash.ReplaceAllString(html, "$1")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("%v (run with -update to write it)", err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

// TestAppleComesFirst: on an Apple device, the service's own advice comes before
// everything else. Somebody who installs a profile instead gets the same mailbox twice.
func TestAppleComesFirst(t *testing.T) {
	all := pages(t)
	for _, name := range []string{"icloud-iphone", "icloud-mac", "hosted-iphone"} {
		_, steps, _ := strings.Cut(all[name], `</nav>`)
		for _, want := range []string{"On this ", "Is this device signed in to iCloud?", "Open Settings and tap your name.", "You can close this page.", "with a profile", "Download the profile"} {
			_, rest, found := strings.Cut(tags.ReplaceAllString(steps, ""), want)
			if !found {
				t.Errorf("%s lacks %q, or has it too early", name, want)
				break
			}
			steps = rest
		}
	}
	if strings.Contains(all["second-iphone"], "iCloud") {
		t.Error("the page of another service mentions iCloud")
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// TestSigned: people are told about a missing signature, and only then.
func TestSigned(t *testing.T) {
	all := pages(t)
	const warning = "profile is not signed"
	if !strings.Contains(all["icloud-iphone"], warning) {
		t.Error("an unsigned profile comes without a warning")
	}
	if strings.Contains(all["icloud-mac"], warning) {
		t.Error("a signed profile is called unsigned")
	}
}

// TestAskedLogin: an address on a custom domain is not a login at iCloud. The page asks
// for the login, shows none until it has it, and posts it with the address to the form's
// own route.
func TestAskedLogin(t *testing.T) {
	all := pages(t)
	unmapped := all["hosted-unmapped"]
	for _, want := range []string{
		`<form method="post" action="/" novalidate>`,
		`<input type="hidden" name="emailaddress" value="jane@example.com">`,
		`name="login" dir="ltr" type="email"`,
		"@icloud.com, @me.com or @mac.com",
	} {
		if !strings.Contains(unmapped, want) {
			t.Errorf("the page for an unmapped address lacks %s", want)
		}
	}
	if strings.Contains(unmapped, "data-copy>jane") {
		t.Error("the page guesses a login")
	}
	for name, login := range map[string]string{
		"hosted-mapped": "jane.appleseed<wbr>@icloud.com",
		"hosted-told":   "jane.appleseed<wbr>@me.com",
	} {
		if !strings.Contains(all[name], "data-copy>"+login+"<") || !strings.Contains(all[name], "data-copy>jane.appleseed<") {
			t.Errorf("%s does not show the login", name)
		}
	}
	if strings.Contains(all["second-windows"], `name="login"`) {
		t.Error("a service whose addresses are logins asks for one")
	}
}

// TestQRShown: without a public URL, a code would lead the phone to itself.
func TestQRShown(t *testing.T) {
	all := pages(t)
	for name, want := range map[string]bool{
		"icloud-unknown": true,  // another device may follow
		"icloud-iphone":  false, // the phone in hand needs none
		"icloud-mac":     false, // no public URL
	} {
		if got := strings.Contains(all[name], "QR code that opens this page"); got != want {
			t.Errorf("%s: QR code shown: %v, want %v", name, got, want)
		}
	}
}

// TestAndroidImport: a code is not for the phone that shows it, a file is only for the
// phone itself, and neither exists for an unknown login.
func TestAndroidImport(t *testing.T) {
	all := pages(t)
	for name, want := range map[string]struct{ code, file bool }{
		"hosted-mapped":   {file: true}, // an Android phone
		"icloud-unknown":  {code: true, file: true},
		"hosted-told":     {code: true},
		"icloud-mac":      {code: true},
		"hosted-unmapped": {},
		"signin-windows":  {}, // OAuth 2 alone, where the app cannot sign in
	} {
		if got := strings.Contains(all[name], "QR code with the settings"); got != want.code {
			t.Errorf("%s: code shown: %v, want %v", name, got, want.code)
		}
		if got := strings.Contains(all[name], `href="`+path+`mailsetup.k9s"`); got != want.file {
			t.Errorf("%s: file offered: %v, want %v", name, got, want.file)
		}
	}
}

// TestEverythingReachable: the device is only a hint. Whatever it is, every card is on
// the page exactly once.
func TestEverythingReachable(t *testing.T) {
	table := providertest.Table(t, "")
	p := newPages(t, Config{})
	for d := DeviceUnknown; d <= DeviceLinux; d++ {
		r, err := p.resultPage(inEnglish, ResultView{Account: providertest.Account(t, table, "jane@icloud.com"), Path: path, Device: d})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]int{}
		for _, c := range append(r.First, r.Others...) {
			seen[c.Kind]++
		}
		want := map[string]int{"iphone": 1, "mac": 1, "thunderbird": 1, "outlook": 1, "android": 1, "other": 1}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("device %d: %s", d, diff)
		}
		if (d == DeviceUnknown) != (len(r.First) == 0) {
			t.Errorf("device %d puts %d cards first", d, len(r.First))
		}
	}
}

// TestRefusals: input that a template would show as nonsense is an error.
func TestRefusals(t *testing.T) {
	account := providertest.Account(t, providertest.Table(t, ""), "jane@icloud.com")
	p := newPages(t, Config{})
	noSecurity, noAuth, noProtocol := account, account, account
	noSecurity.Incoming.Security = 0
	noAuth.Outgoing.Auth = provider.Auths{}
	noProtocol.Incoming.Protocol = 0
	for name, write := range map[string]func(io.Writer) error{
		"notice":   func(w io.Writer) error { return p.Notice(w, inEnglish, 0, Typed{}) },
		"problem":  func(w io.Writer) error { return p.Form(w, inEnglish, FormView{Problems: []Problem{0}}) },
		"device":   func(w io.Writer) error { return p.Result(w, inEnglish, ResultView{Account: account, Device: 99}) },
		"security": func(w io.Writer) error { return p.Result(w, inEnglish, ResultView{Account: noSecurity}) },
		"auth":     func(w io.Writer) error { return p.Result(w, inEnglish, ResultView{Account: noAuth}) },
		"protocol": func(w io.Writer) error { return p.Result(w, inEnglish, ResultView{Account: noProtocol}) },
	} {
		var b bytes.Buffer
		if err := write(&b); err == nil || b.Len() > 0 {
			t.Errorf("%s: error %v after %d octets, want an error and nothing written", name, err, b.Len())
		}
	}
	for name, cfg := range map[string]Config{
		"logo": {Operator: Operator{Logo: []byte("not an image")}},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("New accepts an invalid %s", name)
		}
	}
}

// TestAddressFaults: every fault in an address has its own sentence at the field.
func TestAddressFaults(t *testing.T) {
	p := newPages(t, Config{})
	said := make(map[string]provider.AddressFault)
	for fault := provider.AddressMissingAt; fault <= provider.AddressTooLong; fault++ {
		got := render(t, func(w io.Writer) error {
			return p.Form(w, inEnglish, FormView{Problems: []Problem{AddressInvalid}, AddressFault: fault})
		})
		_, rest, _ := strings.Cut(got, `id="address-hint">`)
		sentence, _, _ := strings.Cut(rest, "</span>")
		if before, twice := said[sentence]; twice || len(sentence) < 10 || strings.Contains(sentence, "without spaces or accents") {
			t.Errorf("%v has the sentence %q, and so has %v", fault, sentence, before)
		}
		said[sentence] = fault
	}
}
