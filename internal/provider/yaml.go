package provider

import (
	"bytes"
	"cmp"
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"
)

// YAML returns the table in force as a table file: what Load would read to make
// the same table, with the comments of its sources. A table of one source is
// that source, byte for byte.
//
// The text is made from the sources anew on each call. Keeping the nodes would
// cost 450 bytes for every hosted domain, for the sake of one command.
func (t *Table) YAML() []byte {
	var f findings // stays empty: the table has been loaded
	root, _ := f.merge(t.sources)
	if root.under == nil && len(t.flags) == 0 && len(t.sources.DomainsFiles)+len(t.sources.LoginsFiles) == 0 {
		return slices.Clone(root.src.data)
	}
	merged := root.flatten()
	for _, d := range t.flags {
		addDomain(merged, d.String(), t.domains[d].provider.ID)
	}
	addPaths(merged, "domains_file", t.sources.DomainsFiles)
	addPaths(merged, "logins_file", t.sources.LoginsFiles)
	doc := &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{merged}}
	doc.HeadComment, merged.HeadComment = merged.HeadComment, ""
	out, ok := encode(doc)
	if !ok {
		// yaml.v3 misplaces comments inside of [] and {} now and then. The
		// table counts for more than its comments.
		removeComments(doc)
		out, _ = encode(doc)
	}
	return out
}

// encode writes a table, and reports whether it reads back as it was.
func encode(doc *yaml.Node) ([]byte, bool) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if e.Encode(doc) != nil {
		return nil, false
	}
	var back yaml.Node
	err := yaml.Unmarshal(b.Bytes(), &back)
	return b.Bytes(), err == nil && sameContent(doc, &back)
}

func sameContent(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Value == b.Value && a.ShortTag() == b.ShortTag() &&
		slices.EqualFunc(a.Content, b.Content, sameContent)
}

// flatten returns a value as one node, with what lies beneath it. A key keeps the
// comment that goes with the values in force.
func (v value) flatten() *yaml.Node {
	if v.under == nil {
		return v.node
	}
	n := *v.node
	n.Content, n.Style = nil, v.under.node.Style
	n.HeadComment = cmp.Or(n.HeadComment, v.under.node.HeadComment)
	for f := range v.fields() {
		key := *f.key
		if f.under != nil {
			key.HeadComment = cmp.Or(key.HeadComment, f.under.key.HeadComment)
		}
		n.Content = append(n.Content, &key, f.flatten())
	}
	return &n
}

// addDomain appends a line to domains:.
func addDomain(root *yaml.Node, domain, provider string) {
	text := func(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }
	domains := value{node: root}.field("domains").node
	if domains == nil {
		domains = &yaml.Node{Kind: yaml.MappingNode}
		root.Content = append(root.Content, text("domains"), domains)
	}
	domains.Content = append(domains.Content, text(domain), text(provider))
}

// addPaths appends lists to those that a table names. The table may be saved
// anywhere, so their paths are absolute where the system tells them.
func addPaths(root *yaml.Node, key string, paths []string) {
	if len(paths) == 0 {
		return
	}
	text := func(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }
	named := value{node: root}.field(key).node
	if named == nil {
		named = &yaml.Node{Kind: yaml.SequenceNode}
		root.Content = append(root.Content, text(key), named)
	} else if named.Kind == yaml.ScalarNode {
		first := *named
		*named = yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{&first}}
	}
	for _, path := range paths {
		if abs, err := filepath.Abs(path); err == nil {
			path = abs
		}
		named.Content = append(named.Content, text(path))
	}
}

func removeComments(n *yaml.Node) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	for _, c := range n.Content {
		removeComments(c)
	}
}
