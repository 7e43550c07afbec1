package ispdb

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"mailsetup/internal/provider"
)

// What a file says to people: names, pages, and where they sign in.

// The lengths that a table allows, in characters.
const (
	maxName      = 60
	maxShortName = 20
	maxTitle     = 200
)

// shortNames are the elements with the short name; the second is a misspelling that
// occurs in the database.
var shortNames = []string{"displayShortName", "displayNameShort"}

// serviceNames returns the name and the short name; d replaces the placeholder. A service
// without a usable name gets its identifier as name.
func (c *conversion) serviceNames(id, d provider.Domain) (name, short string) {
	name = c.name("displayName", c.provider.value("displayName"), maxName, d)
	short = c.name("displayShortName", c.provider.value(shortNames...), maxShortName, d)
	if name == "" {
		name = short
	}
	if name == "" {
		name = cut(id.String(), maxName)
	}
	if short == "" {
		short = cut(name, maxShortName)
	}
	return name, short
}

// name returns a usable name, or "".
func (c *conversion) name(what, text string, maxLen int, d provider.Domain) string {
	text = oneLine(strings.ReplaceAll(text, domainPlaceholder, d.String()))
	if strings.Contains(text, "%") {
		c.lose(what, BadPlaceholder)
		return ""
	}
	if short := cut(text, maxLen); short != text {
		c.lose(fmt.Sprintf("%s %s", what, quote(text)), TooLong)
		return short
	}
	return text
}

// oneLine returns a text without line breaks, repeated spaces and invisible characters.
func oneLine(s string) string {
	visible := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(visible), " ")
}

// cut shortens a text to at most maxLen characters, after a whole word if there is one.
func cut(s string, maxLen int) string {
	if utf8.RuneCountInString(s) <= maxLen {
		return s
	}
	runes := []rune(s)[:maxLen+1]
	for end := maxLen; end > 0; end-- {
		if runes[end] == ' ' {
			return string(runes[:end])
		}
	}
	return string(runes[:maxLen])
}

func (c *conversion) help() (h provider.Help) {
	for i, e := range c.provider.all("documentation") {
		page, why := helpPage(e)
		c.lose(fmt.Sprintf("documentation %d", i+1), why)
		if why == NoReason {
			h.Pages = append(h.Pages, page)
		}
	}
	for _, web := range c.root.all("webMail") {
		for _, login := range web.all("loginPage") {
			switch link, ok := linkOf(login.attr("url")); {
			case !ok:
				c.lose("webMail", InvalidLink)
			case h.Webmail.IsZero():
				h.Webmail = link
			}
		}
	}
	return h
}

var (
	aboutPOP  = regexp.MustCompile(`(?i)\bpop ?3?\b`)
	aboutIMAP = regexp.MustCompile(`(?i)imap`)
)

// helpPage returns a page of the service, with its English title if it has one. A page
// about POP would point people to something that is not offered here.
func helpPage(e *element) (provider.HelpPage, Reason) {
	page := provider.HelpPage{Title: cut(title(e.all("descr")), maxTitle)}
	if aboutPOP.MatchString(page.Title) && !aboutIMAP.MatchString(page.Title) {
		return page, AboutPOP
	}
	text := e.attr("url")
	rest, plain := strings.CutPrefix(text, "http://")
	if plain {
		text = "https://" + rest
	}
	link, ok := linkOf(text)
	if !ok {
		return page, InvalidLink
	}
	if page.URL = link.String(); plain {
		u, err := url.Parse("http://" + rest)
		if err != nil {
			return page, InvalidLink
		}
		page.URL = u.String()
	} else {
		page.Link = link
	}
	if page.Title == "" {
		page.Title = cut(page.URL, maxTitle)
	}
	return page, NoReason
}

// linkOf reads an https link. One with a placeholder is useless before it is filled in.
func linkOf(text string) (provider.Link, bool) {
	link, err := provider.ParseLink(text)
	return link, err == nil && text == oneLine(text) && !strings.Contains(text, "%EMAIL")
}

// title returns the English description, otherwise the first.
func title(descriptions []*element) (first string) {
	for _, e := range descriptions {
		text := oneLine(e.text.String())
		language, _, _ := strings.Cut(strings.ToLower(e.attr("lang")), "-")
		if language == "en" && text != "" {
			return text
		}
		if first == "" {
			first = text
		}
	}
	return first
}

// oAuth2 returns where people sign in, if the file says it completely.
func (c *conversion) oAuth2() provider.OAuth2 {
	all := c.root.all("oAuth2")
	if len(all) == 0 {
		return provider.OAuth2{}
	}
	e := all[0]
	o := provider.OAuth2{Scope: oneLine(e.value("scope"))}
	issuer, err1 := provider.ParseDomain(e.value("issuer"))
	authorization, err2 := provider.ParseLink(e.value("authURL"))
	token, err3 := provider.ParseLink(e.value("tokenURL"))
	if err1 != nil || err2 != nil || err3 != nil || o.Scope == "" || len(all) > 1 {
		c.lose("oAuth2", IncompleteOAuth2)
		return provider.OAuth2{}
	}
	o.Issuer, o.Authorization, o.Token = issuer, authorization, token
	return o
}

// quote prepares a piece of a file for the report: shortened, and in quotes.
func quote(s string) string {
	const maxLen = 60
	if r := []rune(s); len(r) > maxLen {
		s = string(r[:maxLen]) + "..."
	}
	return fmt.Sprintf("%q", s)
}
