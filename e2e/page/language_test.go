package page

import (
	"bytes"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"mailsetup/internal/language"
	"mailsetup/internal/provider/providertest"
	"mailsetup/profiles"
)

// TestLanguages goes through the whole setup in every language, on a narrow screen, where
// long words do not fit. It begins like people who see the wrong language: with the links
// at the bottom.
func TestLanguages(t *testing.T) {
	s := startServer(t)
	first := openTab(t, s, phone)
	first.open("/")
	offered := eval[[]string](first, `[...document.querySelectorAll('footer [hreflang]')].map(a => a.hreflang)`)
	if len(offered) < 10 {
		t.Fatalf("the footer offers %q", offered)
	}
	for _, tag := range offered {
		t.Run(tag, func(t *testing.T) {
			t.Parallel()
			l, err := language.Parse(tag)
			if err != nil {
				t.Fatal(err)
			}
			// Not an iPhone's browser, so the page has a section for every device.
			b := openTab(t, s, variant{name: tag, width: phone.width, height: phone.height})
			b.open("/")
			eval[any](b, `document.getElementById('address').value = 'canary.half'`) // not sent yet
			eval[any](b, `document.querySelector('footer [hreflang="`+tag+`"]').focus()`)
			b.follow()
			if got := eval[string](b, `document.getElementById('address').value`); got != "canary.half" {
				b.Errorf("after the choice of a language the form has %q", got)
			}
			b.wantLanguage(l, "language-form")

			b.submitAgain("#address", "canary@localhost")
			b.wantLanguage(l, "language-problem")
			b.changeLanguage(language.English)
			b.changeLanguage(l)
			if got := eval[string](b, `document.getElementById('address').value`); got != "canary@localhost" {
				b.Errorf("after a change of language the form has %q", got)
			}
			b.submitAgain("#address", "canary.jane@example.org")
			if !strings.HasSuffix(b.path(), "/?lang="+tag) {
				b.Errorf("the form leads to %s", b.path())
			}
			b.wantLanguage(l, "language-result")
			result := b.path()
			eval[any](b, `document.getElementById('login').value = 'canary.half'`)
			eval[any](b, `document.querySelector('footer [hreflang]').focus()`)
			b.follow()
			if got := eval[string](b, `document.getElementById('address').value + ' ' + document.getElementById('login').value`); got != "canary.jane@example.org canary.half" {
				b.Errorf("after a change of language the form for the login has %q", got)
			}
			b.open(result)
			eval[any](b, `document.querySelectorAll('details').forEach(d => d.open = false)`)
			b.submitAgain("#login", "canary.login@icloud.com")
			b.wantSettings("canary.login", "canary.login@icloud.com")

			eval[any](b, `document.querySelectorAll('details').forEach(d => d.open = true)`)
			eval[any](b, `document.querySelector('a[href*=".mobileconfig"]').focus()`)
			b.press(kb.Enter)
			table := providertest.Table(t, "domains: {example.org: icloud}")
			account := providertest.Account(t, table, "canary.jane@example.org")
			account = account.Provider.AccountWithLogin(account.Address, providertest.Login(t, "canary.login@icloud.com"))
			want, err := profiles.Mail(account, profiles.Person{Language: l})
			if err != nil {
				t.Fatal(err)
			}
			if _, got := b.download(); !bytes.Equal(got, want) {
				b.Errorf("this is not the profile in %s:\n%s", l, got)
			}
		})
	}
}

// changeLanguage presses a button below a refused form. There is none for the page's own
// language.
func (b *tab) changeLanguage(l language.Language) {
	b.Helper()
	if eval[string](b, `document.documentElement.lang`) == l.String() {
		return
	}
	eval[any](b, `document.querySelector('footer button[lang="`+l.String()+`"]').focus()`)
	b.follow()
	if got := eval[string](b, `document.documentElement.lang`); got != l.String() {
		b.Errorf("the button for %s leads to a page in %q", l, got)
	}
}

// wantLanguage checks a page's language and that its text stays on the screen.
func (b *tab) wantLanguage(l language.Language, name string) {
	b.Helper()
	if got := eval[string](b, `document.documentElement.lang + ' ' + document.documentElement.dir`); got != l.String()+" "+l.Direction() {
		b.Errorf("%s has the language %q", b.path(), got)
	}
	b.look(name)
	// Text drawn outside the screen cannot be read, and cannot always be scrolled to.
	outside := eval[[]string](b, `[...document.querySelectorAll('body *:not(.skip):not(.unseen)')].filter(e => {
		const box = e.getBoundingClientRect();
		return box.width > 0 && !e.closest('.unseen') && (box.left < -1 || box.right > innerWidth + 1);
	}).map(e => e.outerHTML.slice(0, 120))`)
	for _, element := range outside {
		b.Errorf("%s in %s: outside the screen: %s", name, l, element)
	}
	// Names in Latin letters keep their order in every language.
	turned := eval[[]string](b, `[...document.querySelectorAll('.value, .address, .chip, input[type=email]')].filter(e => getComputedStyle(e).direction !== 'ltr' && /[@.]/.test(e.textContent + e.value)).map(e => e.outerHTML)`)
	for _, element := range turned {
		b.Errorf("%s in %s: not isolated: %s", name, l, element)
	}
}
