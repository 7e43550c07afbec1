// Package providertest gives other packages' tests the real built-in table,
// small tables, and parsed values.
package providertest

import (
	"os"
	"path/filepath"
	"testing"

	"mailsetup/internal/provider"
)

// BuiltinSource returns the repository's providers.yaml.
func BuiltinSource(t testing.TB) provider.Source {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root(t), "providers.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return provider.Source{Name: "providers.yaml", Data: data}
}

// root returns the folder of go.mod, above the one of the package under test.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			err = os.ErrNotExist
		}
		dir = filepath.Dir(dir)
	}
	t.Fatalf("finding go.mod: %v", err)
	return ""
}

// Table loads the built-in table with overlay on top; with an empty overlay,
// only the built-in table.
func Table(t testing.TB, overlay string) *provider.Table {
	t.Helper()
	cfg := provider.LoadConfig{Builtin: BuiltinSource(t)}
	if overlay != "" {
		cfg.Tables = []provider.Source{{Name: "test.yaml", Data: []byte(overlay)}}
	}
	table, err := provider.Load(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// Address parses s or fails the test.
func Address(t testing.TB, s string) provider.Address {
	t.Helper()
	a, err := provider.ParseAddress(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Domain parses s or fails the test.
func Domain(t testing.TB, s string) provider.Domain {
	t.Helper()
	d, err := provider.ParseDomain(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Account resolves an address in the table or fails the test.
func Account(t testing.TB, table *provider.Table, address string) provider.Account {
	t.Helper()
	a := Address(t, address)
	m, ok := table.ByDomain(a.Domain())
	if !ok {
		t.Fatalf("%s is not served", a.Domain())
	}
	return m.Account(a)
}

// Login returns an address as a stated login.
func Login(t testing.TB, s string) provider.StatedLogin {
	t.Helper()
	l, err := provider.ParseStatedLogin(s)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
