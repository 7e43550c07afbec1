package provider

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"mailsetup/internal/spelling"
)

// The methods here and in read_scalar.go read single values. Each returns the
// zero value for a missing field, and for an invalid one after reporting the
// mistake.

// reject reports a mistake at the position of a value.
func (f *findings) reject(v value, format string, args ...any) {
	if f.full() {
		f.total++
		return
	}
	f.add(v.src, v.node.Line, v.node.Column, v.path.String(), format, args...)
}

// rejectKey reports a mistake at the key of a value, if it has one.
func (f *findings) rejectKey(v value, format string, args ...any) {
	if v.key != nil {
		v.node = v.key
	}
	f.reject(v, format, args...)
}

// mapping returns the fields of a mapping by key and reports the unknown ones.
// It is for mappings with fixed keys; those that can grow are walked.
func (f *findings) mapping(v value, known ...string) map[string]value {
	fields := make(map[string]value)
	if !f.isKind(v, yaml.MappingNode) {
		return fields
	}
	for field := range v.fields() {
		if slices.Contains(known, field.key.Value) {
			fields[field.key.Value] = field
		} else {
			f.rejectUnknown(field, known)
		}
	}
	return fields
}

func (f *findings) rejectUnknown(field value, known []string) {
	if f.full() {
		f.total++
		return
	}
	key := field.key.Value
	if text, _ := field.scalar(); isPOP(key) || isPOP(text) {
		f.rejectKey(field, noPOP)
		return
	}
	hint := spelling.Hint(key, known)
	if hint == "" {
		hint = "; known keys here: " + strings.Join(known, ", ")
	}
	f.rejectKey(field, "unknown key %s%s", quote(key), hint)
}

// require reports a missing field of a mapping.
func (f *findings) require(v value, fields map[string]value, key, what string) {
	if _, ok := fields[key]; ok || v.missing() || v.node.Kind != yaml.MappingNode {
		return
	}
	v.path = &path{parent: v.path, key: key}
	f.rejectKey(v, "missing: %s", what)
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

// nonEmptyList is list, but reports an empty one.
func (f *findings) nonEmptyList(v value, what string) []value {
	if !v.missing() && v.node.Kind == yaml.SequenceNode && len(v.node.Content) == 0 {
		f.reject(v, "the list is empty; add %s", what)
	}
	return f.list(v)
}

// isKind reports whether a value is present and of the given kind; if not, it
// reports the mistake.
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
	f.reject(v, "this must be %s, not %s", kindNames[want].long, kindNames[v.node.Kind].short)
	return false
}

var kindNames = map[yaml.Kind]struct{ short, long string }{
	yaml.ScalarNode:   {"a single value", "a single value"},
	yaml.SequenceNode: {"a list", "a list (lines that begin with -, or [a, b])"},
	yaml.MappingNode:  {"a mapping", "a mapping (lines of key: value)"},
}

const noPOP = "POP is not supported: it moves mail to one device and away from the others; give an IMAP server instead"

// isPOP recognises the ways to write POP.
func isPOP(word string) bool {
	switch strings.ToLower(word) {
	case "pop", "pop2", "pop3", "pops", "pop3s":
		return true
	}
	return false
}
