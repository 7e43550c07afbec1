package provider

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"mailsetup/internal/spelling"
)

// line reads one line of text for people, at most maxLen characters long.
func (f *findings) line(v value, maxLen int) string {
	text := f.text(v, maxLen)
	if strings.Contains(text, "\n") {
		f.reject(v, "the text spans several lines; write it on one")
		return ""
	}
	return text
}

// text reads text for people, at most maxLen characters long, without trailing
// line breaks.
func (f *findings) text(v value, maxLen int) string {
	if !f.isKind(v, yaml.ScalarNode) {
		return ""
	}
	if v.node.ShortTag() != "!!str" {
		f.reject(v, "YAML does not read %s as text; put it in quotes", quote(v.node.Value))
		return ""
	}
	text := strings.TrimRight(v.node.Value, "\n")
	if strings.TrimSpace(text) == "" {
		f.reject(v, "the text is empty; add some or remove the line")
		return ""
	}
	if n := utf8.RuneCountInString(text); n > maxLen {
		f.reject(v, "the text has %d characters; the limit is %d", n, maxLen)
		return ""
	}
	for _, r := range text {
		if r != '\n' && invisible(r) {
			f.reject(v, "the text contains the invisible character %U; remove it", r)
			return ""
		}
	}
	return text
}

// invisible finds control characters, and those that reverse the direction of
// writing or have no width (Cf).
func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// flag reads true or false.
func (f *findings) flag(v value) bool {
	if !f.isKind(v, yaml.ScalarNode) {
		return false
	}
	if v.node.ShortTag() != "!!bool" {
		f.reject(v, "%s is not true or false; write one of them, without quotes", quote(v.node.Value))
		return false
	}
	return strings.EqualFold(v.node.Value, "true")
}

// number reads a decimal number from low to high; what names it in errors.
func (f *findings) number(v value, what string, low, high int) int {
	if !f.isKind(v, yaml.ScalarNode) {
		return 0
	}
	text := v.node.Value
	digits := text != "" && strings.Trim(text, "0123456789") == ""
	n, err := strconv.Atoi(text)
	problem := ""
	switch {
	case v.quoted():
		text, problem = quote(text), ", without quotes"
	case digits && len(text) > 1 && text[0] == '0':
		problem = ", without a leading zero, which means octal in YAML"
	case !digits && v.node.ShortTag() == "!!str":
		text = quote(text)
	case !digits:
		problem = ", in plain decimal digits"
	case err == nil && low <= n && n <= high:
		return n
	}
	f.reject(v, "invalid %s %s; use a number from %d to %d%s", what, text, low, high, problem)
	return 0
}

// link reads an https link.
func (f *findings) link(v value) Link {
	if !f.isKind(v, yaml.ScalarNode) {
		return Link{}
	}
	l, err := ParseLink(v.node.Value)
	if err != nil {
		f.reject(v, "%s: %s", quote(v.node.Value), err)
	}
	return l
}

// domain reads a domain name.
func (f *findings) domain(v value) Domain {
	if !f.isKind(v, yaml.ScalarNode) {
		return Domain{}
	}
	d, err := ParseDomain(v.node.Value)
	if err != nil {
		f.reject(v, "%s: %s", quote(v.node.Value), err)
	}
	return d
}

// domains reads a list of different domain names. If take is not nil, it may
// refuse one after reporting why.
func (f *findings) domains(items []value, take func(value, Domain) bool) []Domain {
	var list []Domain
	for _, item := range items {
		d := f.domain(item)
		switch {
		case d.IsZero():
		case contains(list, d):
			f.reject(item, "%s is already in this list; keep one", d)
		case take == nil || take(item, d):
			list = append(list, d)
		}
	}
	return list
}

// word reads one of the words of an enum. advice has hints for words that
// people know from other formats, in lower case; the one for "" follows the
// list of words.
func word[T fmt.Stringer](f *findings, v value, what string, choices []T, advice map[string]string) T {
	var none T
	if !f.isKind(v, yaml.ScalarNode) {
		return none
	}
	text := v.node.Value
	words := make([]string, len(choices))
	for i, c := range choices {
		if words[i] = c.String(); words[i] == text {
			return c
		}
	}
	if isPOP(text) {
		f.reject(v, noPOP)
		return none
	}
	hint, ok := advice[strings.ToLower(text)]
	if !ok {
		hint = spelling.Hint(strings.ToLower(text), words)
	}
	if hint == "" {
		last := len(words) - 1
		hint = "; use " + strings.Join(words[:last], ", ") + " or " + words[last] + advice[""]
	}
	f.reject(v, "unknown %s %s%s", what, quote(text), hint)
	return none
}
