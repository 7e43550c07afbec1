package ispdb_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/ispdb"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden imports testdata/database, in which each file has one peculiarity of the
// real database, and compares the table and the report with reviewed ones.
func TestGolden(t *testing.T) {
	db, err := ispdb.Open(t.Context(), "testdata/database")
	if err != nil {
		t.Fatal(err)
	}
	db.Commit = "0123456789abcdef0123456789abcdef01234567"
	table := ispdb.Import(db)
	var report bytes.Buffer
	if err := table.WriteReport(&report); err != nil {
		t.Fatal(err)
	}
	golden(t, "table.yaml", table.YAML())
	golden(t, "report.txt", report.Bytes())
	back, err := ispdb.Load("table.yaml", table.YAML())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(table.Providers, back, sameProvider); diff != "" {
		t.Errorf("the table that is read back differs (-made +read):\n%s", diff)
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
