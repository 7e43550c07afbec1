package provider

import (
	"bytes"
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// YAML returns the current table as a table file, from which Load would make the
// same table, with the comments of its sources. A table of one source is that
// source, byte for byte. In a table of several, a comment on each service says
// which layers it comes from.
//
// The text is generated from the sources on each call. Keeping the nodes would
// cost 450 bytes for every hosted domain, just for one command.
func (t *Table) YAML() []byte {
	var l loader // finds nothing: the table has been loaded
	tables, _ := l.parseAll(t.sources)
	root := tables.merge()
	if root.under == nil && len(t.flags) == 0 && len(t.sources.DomainsFiles)+len(t.sources.LoginsFiles) == 0 {
		return slices.Clone(root.src.data)
	}
	merged := root.flatten()
	t.printProviders(root, merged)
	removeKey(merged, "imported")
	for _, d := range t.flags {
		addDomain(merged, d.String(), t.domains[d].provider.ID)
	}
	if len(tables.own) > 1 {
		named := l.lists(tables)
		removeKey(merged, "domains_file")
		removeKey(merged, "logins_file")
		addPaths(merged, "domains_file", pathsOf(named.domains))
		addPaths(merged, "logins_file", pathsOf(named.logins))
	}
	addPaths(merged, "domains_file", t.sources.DomainsFiles)
	addPaths(merged, "logins_file", t.sources.LoginsFiles)
	doc := &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{merged}}
	doc.HeadComment, merged.HeadComment = merged.HeadComment, ""
	out, ok := encode(doc)
	if !ok {
		// yaml.v3 sometimes misplaces comments inside [] and {}. A correct table matters more
		// than its comments.
		removeComments(doc)
		out, _ = encode(doc)
	}
	return out
}

// printProviders updates the entries of services to the current state. One file has no
// layers, so a domain that went to a higher layer must be in one place only.
func (t *Table) printProviders(root value, merged *yaml.Node) {
	printed := value{node: merged}.field("providers").node
	if printed == nil {
		return
	}
	layered := root.field("providers").layers()
	entries := make(map[string][]*yaml.Node)
	for i := 0; i+1 < len(printed.Content); i += 2 {
		entries[printed.Content[i].Value] = printed.Content[i : i+2]
	}
	printed.Content = nil
	for _, p := range t.providers {
		key, entry := entries[p.ID][0], entries[p.ID][1]
		printed.Content = append(printed.Content, key, entry)
		keepDomains(entry, "domains", p.Domains)
		keepDomains(entry, "mx", p.MX)
		if len(p.Domains) == 0 && (value{node: entry}).field("id").node == nil {
			entry.Content = append(entry.Content, textNode("id"), textNode(p.Identifier.String()))
		}
		if len(layered) > 1 {
			key.HeadComment = strings.TrimLeft(key.HeadComment+"\n# "+layerComment(p), "\n")
		}
	}
}

func layerComment(p *Provider) string {
	words := make([]string, len(p.Layers))
	for i, l := range p.Layers {
		words[i] = l.String()
	}
	return "layer: " + strings.Join(words, ", then ")
}

// keepDomains removes from a list in an entry what another layer overrides.
func keepDomains(entry *yaml.Node, key string, kept []Domain) {
	list := value{node: entry}.field(key).node
	if list == nil || len(list.Content) == len(kept) {
		return
	}
	list.Content = slices.DeleteFunc(list.Content, func(n *yaml.Node) bool {
		d, err := ParseDomain(n.Value)
		return err != nil || !contains(kept, d)
	})
	if len(list.Content) == 0 {
		removeKey(entry, key)
	}
}

func removeKey(mapping *yaml.Node, key string) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			mapping.Content = slices.Delete(mapping.Content, i, i+2)
			return
		}
	}
}

func textNode(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

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

// flatten returns a value, merged with the lower ones, as one node. A key keeps
// the comment that belongs to the current value.
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
	domains := value{node: root}.field("domains").node
	if domains == nil {
		domains = &yaml.Node{Kind: yaml.MappingNode}
		root.Content = append(root.Content, textNode("domains"), domains)
	}
	domains.Content = append(domains.Content, textNode(domain), textNode(provider))
}

// addPaths appends lists to those that a table names. The table may be saved
// anywhere, so their paths are absolute if the system provides that.
func addPaths(root *yaml.Node, key string, paths []string) {
	if len(paths) == 0 {
		return
	}
	named := value{node: root}.field(key).node
	if named == nil {
		named = &yaml.Node{Kind: yaml.SequenceNode}
		root.Content = append(root.Content, textNode(key), named)
	} else if named.Kind == yaml.ScalarNode {
		first := *named
		*named = yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{&first}}
	}
	for _, path := range paths {
		if abs, err := filepath.Abs(path); err == nil {
			path = abs
		}
		named.Content = append(named.Content, textNode(path))
	}
}

func removeComments(n *yaml.Node) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	for _, c := range n.Content {
		removeComments(c)
	}
}
