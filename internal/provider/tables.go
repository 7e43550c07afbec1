package provider

// tables are the parsed sources of a table, the lowest first in each layer.
type tables struct {
	imported, own []value
	builtin       value // missing if an own table removes it
}

// parseAll parses all sources. If one of them is not YAML, nothing can be said about
// the others.
func (l *loader) parseAll(cfg LoadConfig) (t tables, ok bool) {
	t.builtin = l.parse(&source{name: cfg.Builtin.Name, order: 0, layer: LayerBuiltin, data: cfg.Builtin.Data})
	ok = t.builtin.node != nil
	for i, s := range cfg.Tables {
		src := &source{name: s.Name, order: 1 + i, layer: LayerOwn, data: s.Data}
		root := l.parse(src)
		if root.node == nil {
			ok = false
			continue
		}
		if head := root.field("imported"); head.node != nil {
			src.layer = LayerImported
			l.readImported(head)
			l.rejectOwn(root)
			t.imported = append(t.imported, root)
			continue
		}
		t.own = append(t.own, root)
	}
	for _, root := range t.own {
		if root.field("builtin").isFalse() {
			t.builtin = value{}
		}
	}
	return t, ok
}

// rejectOwn refuses in an imported table what only operators may state.
func (l *loader) rejectOwn(root value) {
	for _, key := range []string{"builtin", "operator", "domains", "domains_file", "logins_file"} {
		if f := root.field(key); f.node != nil {
			l.rejectKey(f, "an imported table may only contain mail services; move this to your own table")
		}
	}
}

// all returns the tables, the lowest first.
func (t tables) all() []value {
	all := append([]value(nil), t.imported...)
	if t.builtin.node != nil {
		all = append(all, t.builtin)
	}
	return append(all, t.own...)
}

// merge layers the tables.
func (t tables) merge() value {
	all := t.all()
	root := all[0]
	for _, upper := range all[1:] {
		root = upper.layOver(root)
	}
	return root
}
