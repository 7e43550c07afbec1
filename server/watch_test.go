package server

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailsetup/internal/filewatch"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// tableFile gives a server a table from a file, as the program does.
func tableFile(t *testing.T, file string) func(*Config) {
	return func(cfg *Config) {
		cfg.Files = new(filewatch.Set)
		cfg.Load = func() (*provider.Table, error) {
			data, err := cfg.Files.Read(file, provider.MaxSource)
			if err != nil {
				return nil, err
			}
			return provider.Load(provider.LoadConfig{
				Builtin: providertest.BuiltinSource(t),
				Tables:  []provider.Source{{Name: file, Data: data}},
			})
		}
	}
}

func manyDomains(n int) string {
	var b strings.Builder
	b.WriteString("domains:\n")
	for i := range n {
		fmt.Fprintf(&b, "  d%d.example.com: icloud\n", i)
	}
	return b.String()
}

// An edited file goes live by itself once it is complete. Half a table that stops
// at the end of a line is a valid table.
func TestWatchLoadsWhatIsComplete(t *testing.T) {
	file := filepath.Join(t.TempDir(), "my.yaml")
	whole := manyDomains(100)
	writeFile(t, file, []byte(whole), 0o600)
	var log logBuffer
	s := newTestServer(t, "", tableFile(t, file), logTo(&log))
	synctest.Test(t, func(t *testing.T) {
		go s.watch(t.Context())
		expect := func(when string, want int) {
			t.Helper()
			time.Sleep(filewatch.Interval)
			synctest.Wait()
			if n := s.state.Load().table.HostedCount(); n != want {
				t.Errorf("%s: %d domains, want %d", when, n, want)
			}
		}
		synctest.Wait()
		expect("unchanged", 100)
		for lines := 10; lines < 100; lines += 30 {
			// As cp and rsync --inplace do.
			cut := strings.Join(strings.SplitAfter(whole, "\n")[:lines], "")
			writeFile(t, file, []byte(cut), 0o600)
			expect("half-written", 100)
		}
		writeFile(t, file, []byte(manyDomains(101)), 0o600)
		expect("complete", 100)
		expect("complete and seen twice", 101)
		if strings.Contains(log.String(), "dropped") || strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("the log says:\n%s", log.String())
		}
	})
}

// A table that has lost many of its domains is loaded, since the operator may
// mean it, but never without a warning.
func TestReloadWarnsOfDroppedDomains(t *testing.T) {
	file := filepath.Join(t.TempDir(), "my.yaml")
	writeFile(t, file, []byte(manyDomains(100)), 0o600)
	var log logBuffer
	s := newTestServer(t, "", tableFile(t, file), logTo(&log))
	for _, c := range []struct {
		table string
		want  string // "": no warning
	}{
		{manyDomains(91), ""},
		{manyDomains(100), ""},
		{manyDomains(90), "dropped=10 before=100 now=90"},
		{strings.ReplaceAll(manyDomains(90), "example.com", "example.net"), "dropped=90 before=90 now=90"},
		{"domains: {}\n", "dropped=90 before=90 now=0"},
		{"domains: {}\n", ""},
		{manyDomains(9), ""},
		{manyDomains(8), "dropped=1 before=9 now=8"},
	} {
		writeFile(t, file, []byte(c.table), 0o600)
		before := len(log.String())
		if err := s.Reload(); err != nil {
			t.Fatal(err)
		}
		said := log.String()[before:]
		if strings.Contains(said, "level=WARN") != (c.want != "") || !strings.Contains(said, c.want) {
			t.Errorf("want %q, the log says:\n%s", c.want, said)
		}
	}
}

// A deleted key goes on signing until the next start, which then fails: readyz
// must show that before.
func TestReadyzReportsARemovedKey(t *testing.T) {
	files := newFiles(t)
	newKeyPair(t, time.Now().Add(time.Hour)).write(t, files)
	table := filepath.Join(t.TempDir(), "my.yaml")
	writeFile(t, table, []byte("domains: {}\n"), 0o600)
	s := newTestServer(t, "", tableFile(t, table), signedBy(files))
	before := readyNow(t, s)
	if err := os.Remove(files.Key); err != nil {
		t.Fatal(err)
	}
	s.poll()
	s.poll()
	after := readyNow(t, s)
	if after.Status != "ready" || after.Signing != "ok" || len(after.Files.Signing.Watched) != 2 {
		t.Fatalf("readyz says %+v", after)
	}
	cert, key := after.Files.Signing.Watched[0], after.Files.Signing.Watched[1]
	if cert.State != filewatch.InUse || key.File != files.Key || key.State != filewatch.Unreadable || !strings.Contains(key.Error, "no such file") {
		t.Errorf("certificate %+v, key %+v", cert, key)
	}
	if b, a := before.Files.Signing, after.Files.Signing; !a.LastAttempt.After(b.LastAttempt) || !a.LastSuccess.Equal(b.LastSuccess) || a.Error == "" {
		t.Errorf("before %+v, after %+v", b, a)
	}
	if after.Files.Table.Error != "" || after.Files.Table.LastAttempt != before.Files.Table.LastAttempt {
		t.Errorf("the table: %+v", after.Files.Table)
	}
	w := ask(s.Admin(), "POST", "/-/reload", "", "Host: localhost")
	if w.Code != 422 || !strings.Contains(w.Body.String(), "signing key") {
		t.Errorf("reload: status %d, %s", w.Code, w.Body)
	}
}
