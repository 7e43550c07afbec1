package provider

import (
	"path/filepath"

	"gopkg.in/yaml.v3"
)

// A listPath is a plain list that a table or a flag names.
type listPath struct {
	path string
	at   place
}

// listPaths are the plain lists that tables name.
type listPaths struct{ domains, logins []listPath }

// paths reads domains_file: or logins_file:, a name or a list of names, relative to the
// table.
func (l *loader) paths(v value) (paths []listPath) {
	const maxPath = 4096
	names := []value{v}
	if !v.missing() && v.node.Kind == yaml.SequenceNode {
		names = l.nonEmptyList(v, "the file's name")
	}
	for _, v := range names {
		path := l.line(v, maxPath)
		if path == "" {
			continue
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(v.src.name), path)
		}
		paths = append(paths, listPath{path, place{v.src, v.node.Line, v.node.Column, v.path.String()}})
	}
	return paths
}

// flagPaths returns the lists that a flag names. The first of them has the given order.
func flagPaths(flag string, paths []string, order int) (named []listPath) {
	for i, path := range paths {
		named = append(named, listPath{path, place{src: &source{name: flag + path, order: order + i, layer: LayerOwn}}})
	}
	return named
}

func pathsOf(lists []listPath) (paths []string) {
	for _, list := range lists {
		paths = append(paths, list.path)
	}
	return paths
}

// lists returns the plain lists that the tables name. Lists of different tables are
// added up: they do not replace each other.
func (l *loader) lists(t tables) (named listPaths) {
	for _, root := range t.own {
		if root.node.Kind != yaml.MappingNode {
			continue
		}
		named.domains = append(named.domains, l.paths(root.field("domains_file"))...)
		named.logins = append(named.logins, l.paths(root.field("logins_file"))...)
	}
	return named
}
