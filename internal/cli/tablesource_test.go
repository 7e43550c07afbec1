package cli

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"mailsetup/internal/filewatch"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

func newTableFile(t *testing.T, text string) (*tableSource, func(string)) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "my.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(text)
	return &tableSource{builtin: providertest.BuiltinSource(t).Data, paths: []string{file}, files: new(filewatch.Set)}, write
}

// Mistakes must reach the caller with their positions, and a failed load must
// not discard the last good table.
func TestTableSourceKeepsTheLastGoodTable(t *testing.T) {
	source, write := newTableFile(t, "domains: {example.com: icloud}\n")
	good, err := source.Load()
	if err != nil {
		t.Fatal(err)
	}
	write("domains: {example.com: icluod}\n")
	_, err = source.Load()
	if mistakes, ok := errors.AsType[provider.Errors](err); !ok || len(mistakes) != 1 || mistakes[0].Line != 1 {
		t.Errorf("error of a broken table: %v", err)
	}
	if source.Loaded() != good {
		t.Error("the good table was discarded")
	}
}
