package page

import (
	"bytes"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"mailsetup/internal/provider/providertest"
	"mailsetup/profiles"
)

// everywhere runs a test in each variant, in tabs side by side.
func everywhere(t *testing.T, s *server, test func(b *tab)) {
	for _, v := range variants() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			test(openTab(t, s, v))
		})
	}
}

// look takes a picture and looks for barriers. Without script, pages are the same
// except for what script adds, so it looks only at those with script.
func (b *tab) look(name string) {
	b.Helper()
	if width := eval[int64](b, `document.documentElement.scrollWidth`); width > b.width {
		b.Errorf("%s is %d wide and needs horizontal scrolling", name, width)
	}
	if b.noScript {
		return
	}
	b.screenshot(name)
	b.checkAccessible()
}

// TestSetupPageFlow goes all the way from an address to a profile, using only the
// keyboard.
func TestSetupPageFlow(t *testing.T) {
	s := startServer(t)
	everywhere(t, s, func(b *tab) {
		b.open("/")
		b.wantPage(200, "Set up your email")
		b.look("form")
		b.open("/")
		b.tabTo("#address")
		b.write("canary.jane@icloud.com")
		b.tabTo("summary")
		b.press(kb.Enter)
		b.tabTo("#name")
		b.write("Canary Appleseed")
		b.tabTo("button")
		b.follow()

		b.wantPage(200, "Set up canary.jane@icloud.com")
		if p := b.path(); !strings.HasPrefix(p, "/p/") || !strings.HasSuffix(p, "/") {
			b.Errorf("the page is at %s", p)
		}
		b.wantSettings("canary.jane", "canary.jane@icloud.com")
		b.checkCopy()
		want := profile(b.TB, "canary.jane@icloud.com", "", "Canary Appleseed")
		for range 2 { // the link works again
			b.openCard("iPhone and iPad")
			b.tabToProfile()
			b.press(kb.Enter)
			if name, got := b.download(); name != "icloud.mobileconfig" || !bytes.Equal(got, want) {
				b.Errorf("%s is not the profile of the account:\n%s", name, got)
			}
			b.do(chromedp.Reload()) // as a phone does after the trip to Settings
			b.wantPage(200, "Set up canary.jane@icloud.com")
		}
		b.look("result")
		b.screenshot("result-open")
	})
}

// TestLogin: an alias and an address on a custom domain are set up with the login that
// the page asks for.
func TestLogin(t *testing.T) {
	s := startServer(t)
	everywhere(t, s, func(b *tab) {
		b.submit("canary.alias@me.com")
		b.tabTo("details.small > summary")
		b.press(kb.Enter)
		b.tabTo("#login")
		b.write("canary.login@gmail.com")
		b.follow()
		b.wantPage(400, "Set up your email")
		b.wantProblem("#login", "The login must end in @icloud.com, @me.com or @mac.com.")
		b.look("login-elsewhere")
		b.submitAgain("#login", "canary.login@mac.com")
		b.wantPage(200, "Set up canary.alias@me.com")
		b.wantSettings("canary.login", "canary.login@mac.com")
		b.wantProfile(profile(b.TB, "canary.alias@me.com", "canary.login@mac.com", ""))

		b.submit("canary.jane@example.org")
		b.wantPage(200, "Set up canary.jane@example.org")
		b.wantSettings("", "") // nothing is guessed
		b.wantProfile(profile(b.TB, "canary.jane@example.org", "", ""))
		b.look("custom-domain")
		b.submitAgain("#login", "canary.login@icloud.com")
		b.wantPage(200, "Set up canary.jane@example.org")
		b.wantSettings("canary.login", "canary.login@icloud.com")
		b.wantProfile(profile(b.TB, "canary.jane@example.org", "canary.login@icloud.com", ""))
		b.look("custom-domain-login")
	})
}

// TestWrongTurns: whatever goes wrong, the page says what it is and how to go on.
func TestWrongTurns(t *testing.T) {
	s := startServer(t)
	everywhere(t, s, func(b *tab) {
		b.submit("canary@localhost") // valid to browsers, but not to the server
		b.wantPage(400, "Set up your email")
		b.wantProblem("#address", "The part after the @ has no dot, such as the one in example.com.")
		b.look("bad-address")
		// The focus is already in the field, so that the person can go on typing.
		b.write("canary.jane@icloud.com")
		b.follow()
		b.wantPage(200, "Set up canary.jane@icloud.com")
		result := b.path()

		b.submit("canary.jane@elsewhere.test")
		b.wantPage(404, "elsewhere.test is not known here")
		b.look("unknown-domain")
		b.startAgain()

		b.submit("canary.jane@icluod.com")
		b.wantPage(404, "icluod.com is not known here")
		b.look("near-domain")
		b.tabTo("form.ask button")
		b.follow()
		b.wantPage(200, "Set up canary.jane@icloud.com")

		b.open(tamper(result))
		b.wantPage(404, "This page has ended")
		b.look("tampered")
		b.startAgain()

		b.open(tamper(result) + "icloud.mobileconfig")
		b.wantPage(404, "This page has ended")

		b.open(strings.TrimSuffix(result, "/")) // cut short by a mail client
		b.wantPage(200, "Set up canary.jane@icloud.com")

		expired := s.expiredPath(b.TB, "canary.jane@icloud.com")
		b.open(expired)
		b.wantPage(410, "This page has expired")
		b.look("expired")
		b.startAgain()
		b.open(expired + "icloud.mobileconfig")
		b.wantPage(410, "This page has expired")
	})
}

// tamper changes one character in the middle of a token.
func tamper(path string) string {
	b := []byte(path)
	if i := len(b) / 2; b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}

// profile is the unsigned profile of an account, made without the server.
func profile(t testing.TB, address, login, name string) []byte {
	t.Helper()
	table := providertest.Table(t, "domains: {example.org: icloud}")
	account := providertest.Account(t, table, address)
	if login != "" {
		account = account.Provider.AccountWithLogin(account.Address, providertest.Login(t, login))
	}
	person, err := profiles.ParsePersonName(name)
	if err != nil {
		t.Fatal(err)
	}
	plist, err := profiles.Mail(account, profiles.Person{Name: person})
	if err != nil {
		t.Fatal(err)
	}
	return plist
}

// submit types an address into a new form and sends it.
func (b *tab) submit(address string) {
	b.Helper()
	b.open("/")
	b.submitAgain("#address", address)
}

// submitAgain types into a field of the current form and sends it.
func (b *tab) submitAgain(field, text string) {
	b.Helper()
	b.tabTo(field)
	b.write(text)
	b.follow()
}

// startAgain uses the form on a page that says what went wrong.
func (b *tab) startAgain() {
	b.Helper()
	b.submitAgain("#address", "canary.again@mac.com")
	b.wantPage(200, "Set up canary.again@mac.com")
}

// wantProblem checks how a problem with a field is announced: the title begins with it,
// a summary names it, and the field has the focus, is marked and refers to it.
func (b *tab) wantProblem(field, text string) {
	b.Helper()
	// The browser moves the focus when it first draws the page.
	b.until(`document.activeElement !== document.body`)
	got := eval[[]string](b, `(() => {
		const e = document.querySelector(`+quote(field)+`);
		return [
			document.title.split(':')[0],
			document.querySelector('[role=alert] li').textContent.trim(),
			document.activeElement === e ? 'focused' : document.activeElement.outerHTML,
			e.getAttribute('aria-invalid'),
			document.getElementById(e.getAttribute('aria-describedby').split(' ')[0]).textContent.trim(), // the second one says where to find it
		];
	})()`)
	want := []string{"Please correct", text, "focused", "true", text}
	for i := range want {
		if got[i] != want[i] {
			b.Errorf("the problem is announced as %q, want %q", got[i], want[i])
		}
	}
}

// wantSettings checks the values of the table. Empty user names mean that the
// page says how to find them.
func (b *tab) wantSettings(incoming, outgoing string) {
	b.Helper()
	got := eval[[]string](b, `[...document.querySelectorAll('.settings .value')].map(e => e.textContent)`)
	want := []string{"imap.mail.me.com", "993", "SSL/TLS", incoming, "smtp.mail.me.com", "587", "STARTTLS", outgoing}
	if incoming == "" {
		want = []string{"imap.mail.me.com", "993", "SSL/TLS", "smtp.mail.me.com", "587", "STARTTLS"}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		b.Errorf("the settings are %q, want %q", got, want)
	}
}

// wantProfile downloads the profile and compares it.
func (b *tab) wantProfile(want []byte) {
	b.Helper()
	b.openCard("iPhone and iPad")
	b.tabToProfile()
	b.press(kb.Enter)
	if _, got := b.download(); !bytes.Equal(got, want) {
		b.Errorf("this is not the profile of the account:\n%s", got)
	}
}

// openCard opens the card of another device.
func (b *tab) openCard(title string) {
	b.Helper()
	if b.userAgent == iPhone {
		return // the card comes first and is open
	}
	for eval[string](b, `(document.activeElement.innerText || '').trim()`) != title {
		b.tabTo("details.card > summary")
	}
	b.press(kb.Enter)
}

// tabToProfile opens the fold of the profile, below the steps of the device itself, and
// goes to its button.
func (b *tab) tabToProfile() {
	b.Helper()
	b.tabTo("details.way > summary")
	b.press(kb.Enter)
	b.tabTo(`a[href$=".mobileconfig"]`)
}

// checkCopy copies a value with its button, which exists only with script.
func (b *tab) checkCopy() {
	b.Helper()
	count := eval[int](b, `document.querySelectorAll('button.copy').length`)
	if b.noScript {
		if count != 0 {
			b.Errorf("%d useless buttons without script", count)
		}
		return
	}
	if count != 6 {
		b.Errorf("%d copy buttons, want 6", count)
	}
	allow := browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: "clipboard-read"}, Setting: browser.PermissionSettingGranted,
		BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID,
	}
	if _, err := chromedp.CallBrowser(b.ctx, browser.SetPermission, allow); err != nil {
		b.Fatal(err)
	}
	b.tabTo(`button.copy[aria-label="Copy canary.jane@icloud.com"]`)
	b.press(kb.Enter)
	b.until(`document.querySelector('#copy-status').textContent === 'Copied canary.jane@icloud.com'`)
	if got := eval[string](b, `navigator.clipboard.readText()`); got != "canary.jane@icloud.com" {
		b.Errorf("the clipboard holds %q", got)
	}
}
