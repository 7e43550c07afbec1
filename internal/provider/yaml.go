package provider

// YAML returns the text of the built-in table, byte for byte.
func (t *Table) YAML() []byte { return t.config.Builtin.Data }
