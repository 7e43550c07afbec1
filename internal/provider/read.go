package provider

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// The methods in this file read single values. Each returns the zero value for
// an absent field, and for a wrong one after reporting what is wrong with it.

// reject reports a mistake at the place of a value.
func (f *findings) reject(v value, format string, args ...any) {
	f.add(v.src, v.node.Line, v.node.Column, v.path.String(), format, args...)
}

// rejectKey reports a mistake at the key of a value, where it has one.
func (f *findings) rejectKey(v value, format string, args ...any) {
	n := v.node
	if v.key != nil {
		n = v.key
	}
	f.add(v.src, n.Line, n.Column, v.path.String(), format, args...)
}

const noPOP = "mailsetup serves no POP: it downloads mail to one device and away from all others; give an IMAP server, or leave this service out"

// isPOP recognises the ways to write POP.
func isPOP(word string) bool {
	switch strings.ToLower(word) {
	case "pop", "pop2", "pop3", "pops", "pop3s":
		return true
	}
	return false
}

// mapping returns the fields of a mapping by key. Unknown ones are reported.
func (f *findings) mapping(v value, known ...string) map[string]value {
	fields := make(map[string]value)
	if !f.isKind(v, yaml.MappingNode) {
		return fields
	}
	for field := range v.fields() {
		key := field.key.Value
		fields[key] = field
		f.checkKey(field, known)
	}
	return fields
}

func (f *findings) checkKey(field value, known []string) {
	key := field.key.Value
	for _, k := range known {
		if k == key {
			return
		}
	}
	if text, _ := field.scalar(); isPOP(key) || isPOP(text) {
		f.rejectKey(field, noPOP)
		return
	}
	hint := didYouMean(key, known)
	if hint == "" {
		hint = "; known here: " + strings.Join(known, ", ")
	}
	f.rejectKey(field, "unknown key %s%s", quote(key), hint)
}

// list returns the items of a list.
func (f *findings) list(v value) []value {
	if !f.isKind(v, yaml.SequenceNode) {
		return nil
	}
	var items []value
	for item := range v.items() {
		if !item.missing() {
			items = append(items, item)
		}
	}
	return items
}

// isKind reports whether a value is present and of a kind, and what it should
// be if not.
func (f *findings) isKind(v value, want yaml.Kind) bool {
	if v.missing() {
		return false
	}
	if v.node.Kind == want {
		return true
	}
	if text, ok := v.scalar(); ok && isPOP(text) {
		f.reject(v, noPOP)
		return false
	}
	names := map[yaml.Kind]string{
		yaml.ScalarNode: "a single value", yaml.SequenceNode: "a list (lines with -, or [a, b])",
		yaml.MappingNode: "a mapping (lines with key: value)",
	}
	have, _, _ := strings.Cut(names[v.node.Kind], " (")
	f.reject(v, "this must be %s, not %s", names[want], have)
	return false
}

// require reports the fields of a mapping that are absent.
func (f *findings) require(v value, fields map[string]value, key, what string) {
	if _, ok := fields[key]; !ok && v.node.Kind == yaml.MappingNode {
		f.rejectKey(value{src: v.src, key: v.key, node: v.node, path: &path{parent: v.path, key: key}}, "missing: %s", what)
	}
}

// line reads a line of text for people, at most most characters long (0: of any
// length).
func (f *findings) line(v value, most int) string {
	return f.prose(v, most, false)
}

// paragraphs reads text for people that may have several lines.
func (f *findings) paragraphs(v value) string { return f.prose(v, 0, true) }

func (f *findings) prose(v value, most int, newlines bool) string {
	if !f.isKind(v, yaml.ScalarNode) {
		return ""
	}
	if v.node.ShortTag() != "!!str" {
		f.reject(v, "this must be text; put it in quotes")
		return ""
	}
	text := strings.TrimRight(v.node.Value, "\n")
	switch n := utf8.RuneCountInString(text); {
	case strings.TrimSpace(text) == "":
		f.reject(v, "the text is empty; write one or remove the line")
		return ""
	case most > 0 && n > most:
		f.reject(v, "the text has %d characters, at most %d fit", n, most)
		return ""
	}
	for _, r := range text {
		if r == '\n' && newlines {
			continue
		}
		// Format characters (Cf) turn the writing direction or cannot be seen.
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) {
			f.reject(v, "the text holds the character %U, which cannot be shown; remove it", r)
			return ""
		}
	}
	return text
}

// flag reads true or false.
func (f *findings) flag(v value) bool {
	if !f.isKind(v, yaml.ScalarNode) {
		return false
	}
	if v.node.ShortTag() != "!!bool" {
		f.reject(v, "%s is neither true nor false", quote(v.node.Value))
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
	digits, allowed := strings.TrimLeft(text, "0123456789") == "", fmt.Sprintf("(%d to %d)", low, high)
	switch n, err := strconv.Atoi(text); {
	case v.quoted():
		f.reject(v, "%s is no %s: write the number without quotes %s", quote(text), what, allowed)
	case len(text) > 1 && text[0] == '0' && digits:
		f.reject(v, "%s is no %s: a leading zero means an octal number in YAML; write the number without it %s", text, what, allowed)
	case !digits && v.node.ShortTag() != "!!str":
		f.reject(v, "%s is no %s: write it in plain decimal digits %s", text, what, allowed)
	case !digits:
		f.reject(v, "%s is no %s %s", quote(text), what, allowed)
	case err != nil || n < low || n > high:
		f.reject(v, "%s is no %s %s", text, what, allowed)
	default:
		return n
	}
	return 0
}

// link reads an https link.
func (f *findings) link(v value) Link {
	if !f.isKind(v, yaml.ScalarNode) {
		return Link{}
	}
	l, err := ParseLink(v.node.Value)
	if err != nil {
		f.reject(v, "%s is no link: %s", quote(v.node.Value), reason(err, ErrLink))
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
		f.reject(v, "%s is no domain name: %s", quote(v.node.Value), reason(err, ErrDomain))
	}
	return d
}

// domains reads a list of domain names, each given once.
func (f *findings) domains(v value) []Domain {
	var list []Domain
	for _, item := range f.list(v) {
		d := f.domain(item)
		switch {
		case d.IsZero():
		case contains(list, d):
			f.reject(item, "%s is in this list already", d)
		default:
			list = append(list, d)
		}
	}
	if v.node != nil && v.node.Kind == yaml.SequenceNode && len(v.node.Content) == 0 {
		f.reject(v, "the list is empty; name a domain or remove the line")
	}
	return list
}

// word reads one of the words of an enum. Advice answers the words that people
// try instead.
func word[T fmt.Stringer](f *findings, v value, what string, choices []T, advice map[string]string) T {
	var zero T
	if !f.isKind(v, yaml.ScalarNode) {
		return zero
	}
	text := v.node.Value
	words := make([]string, len(choices))
	for i, c := range choices {
		if words[i] = c.String(); words[i] == text {
			return c
		}
	}
	hint := advice[strings.ToLower(text)]
	if hint == "" {
		hint = didYouMean(strings.ToLower(text), words)
	}
	switch {
	case isPOP(text):
		f.reject(v, noPOP)
	case hint == "":
		f.reject(v, "%s is no %s; write %s", quote(text), what, strings.Join(words, " or "))
	default:
		f.reject(v, "%s is no %s%s", quote(text), what, hint)
	}
	return zero
}

// reason returns what an error adds to the sentinel that it wraps.
func reason(err, sentinel error) string {
	return strings.TrimPrefix(err.Error(), sentinel.Error()+": ")
}
