package provider

import "errors"

// A Source is the text of one table and the name by which errors call it.
type Source struct {
	Name string // usually the file's name as the operator gave it
	Data []byte
}

// LoadConfig says what a table is made of.
type LoadConfig struct {
	// Builtin is the table that the program carries.
	Builtin Source
	// Overlay, if not nil, is the operator's own table, laid over Builtin.
	Overlay *Source
	// Domains are further hosted domains, each as DOMAIN=PROVIDER.
	Domains []string
}

// Load makes a table. Its error is of type [Errors] and holds every mistake.
func Load(cfg LoadConfig) (*Table, error) {
	return nil, errors.New("not written yet")
}

// YAML returns the table in force as a table file: what Load would read to make
// the same table, with the comments of its sources.
func (t *Table) YAML() []byte { return t.yaml }
