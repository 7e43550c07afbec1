package ispdb_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/ispdb"
)

// FuzzImport: any file is either imported or left out with a reason, and what is
// imported reads back from the table unchanged.
func FuzzImport(f *testing.F) {
	f.Add([]byte(harbour))
	for _, test := range leftOut {
		f.Add(test.data(f))
	}
	for _, test := range lost {
		f.Add(test.data(f))
	}
	db, err := ispdb.Open(f.Context(), "testdata/database")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range db.Files {
		f.Add(file.Data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table := importOne("harbour.test.xml", data)
		if table.Report.Taken+len(table.Report.LeftOut) != 1 || (len(table.Providers) > 0) != (table.Report.Taken == 1) {
			t.Fatalf("neither imported nor left out: %+v", table)
		}
		if len(table.Providers) == 0 {
			return
		}
		text := table.YAML()
		back, err := ispdb.Load("made.yaml", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(table.Providers, back, sameProvider); diff != "" {
			t.Errorf("the table that is read back differs (-made +read):\n%s\n%s", diff, text)
		}
	})
}
