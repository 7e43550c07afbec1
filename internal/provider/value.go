package provider

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// A value is one position in a table: a YAML node, with its source and its
// path. If an operator's mapping is merged over a built-in one, under is the
// latter.
//
// The zero value is a missing field, for every reader.
type value struct {
	src       *source
	key, node *yaml.Node // key is nil for the root and for items of a list
	path      *path
	under     *value
}

// layOver returns v merged over another value: mappings are merged field
// by field, everything else is replaced.
//
// A built-in entry replaces an imported one of the same id entirely: facts with
// and without sources must not mix.
func (v value) layOver(under value) value {
	if v.src.layer == LayerBuiltin && under.src.layer == LayerImported && v.path.isProvider() {
		return v
	}
	if v.node.Kind == yaml.MappingNode && under.node.Kind == yaml.MappingNode {
		v.under = &under
	}
	return v
}

// fields yields the entries of a mapping: those of the lower value first, in
// its order.
func (v value) fields() iter.Seq[value] {
	return func(yield func(value) bool) {
		if v.under == nil {
			v.ownFields(yield)
			return
		}
		// By the keys of the lower value, because the upper one may have a million.
		over := make(map[string]value)
		for below := range v.under.fields() {
			over[below.key.Value] = value{}
		}
		for f := range v.ownFields {
			if _, both := over[f.key.Value]; both {
				over[f.key.Value] = f
			}
		}
		for below := range v.under.fields() {
			f := over[below.key.Value]
			if f.node != nil {
				f = f.layOver(below)
			} else {
				f = below
			}
			if !yield(f) {
				return
			}
		}
		for f := range v.ownFields {
			if _, both := over[f.key.Value]; !both && !yield(f) {
				return
			}
		}
	}
}

func (v value) ownFields(yield func(value) bool) {
	if v.node == nil || v.node.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		key, node := v.node.Content[i], v.node.Content[i+1]
		if !yield(value{src: v.src, key: key, node: node, path: &path{parent: v.path, key: key.Value}}) {
			return
		}
	}
}

// layers returns the layers of the tables that contribute to the value, the lowest first.
func (v value) layers() []Layer {
	var all []Layer
	for at := &v; at != nil; at = at.under {
		all = append(all, at.src.layer)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// field returns the entry of a mapping with the given key, the zero value if
// there is none.
func (v value) field(key string) value {
	for f := range v.fields() {
		if f.key.Value == key {
			return f
		}
	}
	return value{}
}

// items yields the items of a list.
func (v value) items() iter.Seq[value] {
	return func(yield func(value) bool) {
		for i, n := range v.node.Content {
			if !yield(value{src: v.src, node: n, path: &path{parent: v.path, item: i + 1}}) {
				return
			}
		}
	}
}

// missing reports that there is no usable value: no field at all, or one that
// inspect has already reported.
func (v value) missing() bool {
	return v.node == nil || v.node.Kind == yaml.AliasNode || v.node.Kind == yaml.ScalarNode && v.node.ShortTag() == "!!null"
}

// isFalse reports whether the value is the word false.
func (v value) isFalse() bool {
	return v.node != nil && v.node.ShortTag() == "!!bool" && strings.EqualFold(v.node.Value, "false")
}

// scalar returns the text of a plain or quoted value.
func (v value) scalar() (string, bool) {
	if v.node == nil || v.node.Kind != yaml.ScalarNode {
		return "", false
	}
	return v.node.Value, true
}

// quoted reports whether the text is in quotes or in a block.
func (v value) quoted() bool {
	return v.node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
}

// A path is a position in a table. It is written out only in errors.
type path struct {
	parent *path
	key    string // of a mapping
	item   int    // of a list, from 1; 0 for a key
}

// String returns the path in the form providers.icloud.imap[0].port. A key that
// is not a plain word is in brackets and quotes, and one that may be somebody's
// address is left out.
func (p *path) String() string {
	if p == nil {
		return ""
	}
	before := p.parent.String()
	switch {
	case p.item > 0:
		return before + "[" + strconv.Itoa(p.item-1) + "]"
	case strings.Contains(p.key, "@"), p.parent != nil && p.parent.key == "logins":
		return before + "[...]"
	case !plainWord(p.key):
		return before + "[" + quote(p.key) + "]"
	case before == "":
		return p.key
	}
	return before + "." + p.key
}

// isProvider reports whether the path is an entry of providers:.
func (p *path) isProvider() bool {
	return p != nil && p.parent != nil && p.parent.parent == nil && p.parent.key == "providers"
}

func plainWord(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return s != ""
}

// quote prepares a piece of a table for an error: quoted, shortened, and never
// an address, because errors are logged.
func quote(s string) string {
	const maxLen = 60
	if strings.Contains(s, "@") {
		return `"...@..."`
	}
	if r := []rune(s); len(r) > maxLen {
		s = string(r[:maxLen]) + "..."
	}
	return strconv.Quote(s)
}
