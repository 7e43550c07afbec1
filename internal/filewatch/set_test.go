package filewatch

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A world is a folder with files, and a set whose load reads the files that
// "table" names, one a line.
type world struct {
	t     *testing.T
	dir   string
	set   Set
	loads int
	got   string
}

func newWorld(t *testing.T) *world { return &world{t: t, dir: t.TempDir()} }

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

// write replaces a file, as editors do.
func (w *world) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(w.path(name)+".new", []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(w.path(name)+".new", w.path(name)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) load() error {
	w.loads++
	table, err := w.set.Read(w.path("table"), 1000)
	if err != nil {
		return err
	}
	got := string(table)
	for name := range strings.Lines(got) {
		name = strings.TrimSpace(name)
		if name == "broken" {
			return errors.New("broken")
		}
		list, err := w.set.Read(w.path(name), 1000)
		if err != nil {
			return err
		}
		got += string(list)
	}
	w.got = got
	return nil
}

// poll polls and checks the number of loads so far, and what is in use.
func (w *world) poll(when string, wantLoads int, want string) {
	w.t.Helper()
	_ = w.set.Poll(w.load)
	if w.loads != wantLoads || w.got != want {
		w.t.Errorf("%s: %d loads, %q in use; want %d and %q", when, w.loads, w.got, wantLoads, want)
	}
}

func (w *world) state(name string) State {
	for _, f := range w.set.Status().Files {
		if f.Path == w.path(name) {
			return f.State
		}
	}
	return "not watched"
}

// Half a list is a valid list: a file that is still being written must not go
// live.
func TestPollLoadsAfterTwoEqualLooks(t *testing.T) {
	w := newWorld(t)
	w.write("table", "list\n")
	w.write("list", "one")
	if err := w.set.Load(w.load); err != nil {
		t.Fatal(err)
	}
	w.poll("nothing changed", 1, "list\none")
	w.write("list", "one t")
	w.poll("half-written", 1, "list\none")
	if s := w.state("list"); s != Changed {
		t.Errorf("half-written: state %q", s)
	}
	w.write("list", "one two th")
	w.poll("longer", 1, "list\none")
	w.write("list", "one two three")
	w.poll("complete", 1, "list\none")
	w.poll("seen twice", 2, "list\none two three")
	w.poll("nothing changed", 2, "list\none two three")
	if s := w.state("list"); s != InUse {
		t.Errorf("in use: state %q", s)
	}
	w.write("list", "for a moment")
	w.poll("for a moment", 2, "list\none two three")
	w.write("list", "one two three")
	w.poll("back", 2, "list\none two three")
	w.poll("back", 2, "list\none two three")
}

// A file that changes between the second look and the read has not been seen
// twice.
func TestPollDoesNotLoadWhatChangesMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.write("table", "list\n")
	w.write("list", "one")
	if err := w.set.Load(w.load); err != nil {
		t.Fatal(err)
	}
	w.write("list", "two")
	w.poll("first look", 1, "list\none")
	err := w.set.Poll(func() error { w.write("list", "tw"); return w.load() })
	if err != nil || w.got != "list\none" {
		t.Errorf("changed while loading: %v, %q in use", err, w.got)
	}
	if s := w.set.Status(); s.Err != nil || s.Attempt != s.Success {
		t.Errorf("counted as an attempt: %+v", s)
	}
	w.poll("seen again", 3, "list\ntw")
}

// A list that a changed table names for the first time must also be stable first.
func TestPollWaitsForNewFiles(t *testing.T) {
	w := newWorld(t)
	w.write("table", "list\n")
	w.write("list", "one")
	w.write("more", "mo")
	if err := w.set.Load(w.load); err != nil {
		t.Fatal(err)
	}
	w.write("table", "list\nmore\n")
	w.poll("first look", 1, "list\none")
	w.poll("the table has settled, the new list has not", 2, "list\none")
	w.write("more", "more")
	w.poll("the new list has changed", 2, "list\none")
	w.poll("settled", 3, "list\nmore\nonemore")
	w.write("table", "more\n")
	w.poll("look", 3, "list\nmore\nonemore")
	w.poll("one list is no longer named", 4, "more\nmore")
	if s := w.state("list"); s != "not watched" {
		t.Errorf("a file that nothing names is %q", s)
	}
}

// A broken file is reported once, not at every look, and its state can be seen.
func TestPollTriesOncePerChange(t *testing.T) {
	w := newWorld(t)
	w.write("table", "list\n")
	w.write("list", "one")
	if err := w.set.Load(w.load); err != nil {
		t.Fatal(err)
	}
	good := w.set.Status()
	w.write("table", "broken\n")
	w.poll("look", 1, "list\none")
	w.poll("broken", 2, "list\none")
	w.poll("broken still", 2, "list\none")
	if s := w.set.Status(); s.Err == nil || !s.Attempt.After(good.Attempt) || !s.Success.Equal(good.Success) {
		t.Errorf("after a failed load: %+v", s)
	}
	if s := w.state("table"); s != Refused {
		t.Errorf("the broken table is %q", s)
	}
	if s := w.state("list"); s != InUse {
		t.Errorf("the list is %q", s)
	}
	if err := os.Remove(w.path("table")); err != nil {
		t.Fatal(err)
	}
	w.poll("gone", 2, "list\none")
	if s := w.state("table"); s != Unreadable {
		t.Errorf("the removed table is %q", s)
	}
	w.poll("gone still", 3, "list\none")
	w.poll("gone still", 3, "list\none")
	w.write("list", "two") // never read, because the table is broken
	w.poll("look", 3, "list\none")
	w.poll("a list next to a missing table", 4, "list\none")
	w.poll("a list next to a missing table", 4, "list\none")
	w.write("table", "list\n")
	if err := w.set.Load(w.load); err != nil || w.got != "list\ntwo" {
		t.Errorf("loaded at once: %v, %q", err, w.got)
	}
	w.poll("nothing changed", 5, "list\ntwo")
}

// A ConfigMap is a folder of links to links; an update swaps one of them.
func TestPollFollowsLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need special rights on Windows")
	}
	w := newWorld(t)
	for dir, text := range map[string]string{"v1": "one", "v2": "two"} {
		if err := os.Mkdir(w.path(dir), 0o700); err != nil {
			t.Fatal(err)
		}
		w.write(dir+"/list", text)
	}
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, w.path(name)+".new"); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(w.path(name)+".new", w.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	link("v1", "data")
	link("data/list", "list")
	w.write("table", "list\n")
	if err := w.set.Load(w.load); err != nil {
		t.Fatal(err)
	}
	link("v2", "data")
	w.poll("look", 1, "list\none")
	w.poll("swapped", 2, "list\ntwo")
}

func TestReadSecretSeesTheModeChange(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("file modes say nothing on Windows")
	}
	var s Set
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	loads, lastErr := 0, error(nil)
	load := func() error { loads++; _, lastErr = s.ReadSecret(key, 100); return lastErr }
	if err := s.Load(load); err != nil {
		t.Fatal(err)
	}
	for i, mode := range []os.FileMode{0o644, 0o640} {
		if err := os.Chmod(key, mode); err != nil {
			t.Fatal(err)
		}
		_, _ = s.Poll(load), s.Poll(load)
		if loads != i+2 || (lastErr == nil) != (mode == 0o640) {
			t.Errorf("mode %o: %d loads, %v", mode, loads, lastErr)
		}
	}
}

// One PEM file may contain a certificate, which is not secret, and its key.
func TestSecretStaysSecretWhateverReadsIt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("file modes say nothing on Windows")
	}
	var s Set
	both := filepath.Join(t.TempDir(), "both.pem")
	if err := os.WriteFile(both, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	loads := 0
	load := func() error {
		loads++
		_, err := s.Read(both, 100)
		if err == nil {
			_, err = s.ReadSecret(both, 100)
		}
		return err
	}
	if err := s.Load(load); err != nil {
		t.Fatal(err)
	}
	for i, mode := range []os.FileMode{0o644, 0o640, 0o604, 0o600} {
		if err := os.Chmod(both, mode); err != nil {
			t.Fatal(err)
		}
		err := errors.Join(s.Poll(load), s.Poll(load), s.Poll(load))
		if loads != i+2 || (err == nil) != (mode&0o007 == 0) {
			t.Errorf("mode %o: %d loads, %v", mode, loads, err)
		}
	}
}
