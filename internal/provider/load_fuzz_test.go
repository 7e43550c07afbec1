package provider

import (
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var addressInText = regexp.MustCompile(`[0-9A-Za-z_+-]@[0-9A-Za-z]`)

// FuzzLoad: no text makes the loader panic, each mistake has a position and a
// reason without anybody's address, and what loads can be printed and loaded
// again.
func FuzzLoad(f *testing.F) {
	for _, dir := range []string{"valid", "invalid"} {
		files, err := filepath.Glob(filepath.Join("testdata", dir, "*.yaml"))
		if err != nil || len(files) == 0 {
			f.Fatal("no tables to begin with", err)
		}
		for _, file := range files {
			f.Add(tableFile(f, file)[0].Data)
		}
	}
	builtin := builtin(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg := LoadConfig{Builtin: builtin, Tables: []Source{{Name: "own.yaml", Data: data}}}
		table, err := Load(cfg)
		if err != nil {
			checkErrors(t, err)
			return
		}
		text := table.YAML()
		back, err := Load(LoadConfig{Builtin: Source{Name: "printed.yaml", Data: text}})
		if err != nil {
			t.Fatalf("the printed table does not load: %v\n%s", err, text)
		}
		if diff := cmp.Diff(table, back, sameTable); diff != "" {
			t.Errorf("the printed table differs (-loaded +printed):\n%s\n%s", diff, text)
		}
		for d, e := range table.domains {
			if e.provider == nil || e.class == ClassUnknown || d.IsZero() {
				t.Errorf("%s is %+v", d, e)
			}
		}
		for _, p := range table.providers {
			if len(p.Domains)+len(p.MX) == 0 || p.Identifier.IsZero() || len(p.Layers) == 0 || p.Incoming().Protocol != IMAP || p.Outgoing().Protocol != SMTP || p.Name == "" || p.ShortName == "" || p.Password.Kind == 0 {
				t.Errorf("an incomplete provider was loaded: %+v", p)
			}
		}
	})
}

func checkErrors(t *testing.T, err error) {
	t.Helper()
	errs, ok := err.(Errors)
	if !ok || len(errs) == 0 || len(errs) > maxFound {
		t.Fatalf("%T: %v", err, err)
	}
	line := 0
	for _, e := range errs {
		if e.File != "own.yaml" || e.Message == "" || e.Line < line || e.Column < 0 {
			t.Errorf("not in order, or at the wrong position: %+v", e)
		}
		line = e.Line
		if at := addressInText.FindString(e.Error()); at != "" {
			t.Errorf("an address would reach the log: %s", e)
		}
	}
}
