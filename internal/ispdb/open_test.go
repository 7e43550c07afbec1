package ispdb_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/ispdb"
)

// write writes a file below a folder.
func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// faults opens a source and returns its files, each with the reason why it cannot be
// imported.
func faults(t *testing.T, source string) (ispdb.Database, map[string]string) {
	t.Helper()
	db, err := ispdb.Open(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	for _, f := range db.Files {
		found[f.Name] = f.Fault.String()
		if f.Fault != ispdb.NoReason && len(f.Data) > 0 {
			t.Errorf("%s has both a fault and content", f.Name)
		}
	}
	return db, found
}

const taken = "no reason"

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "secret.xml", "outside")
	inside := filepath.Join(dir, "database")
	write(t, inside, "a.test.xml", harbour)
	write(t, inside, "README.md", "not of the database")
	write(t, inside, "deeper/b.test.xml", harbour)
	write(t, inside, "large.test.xml", strings.Repeat(" ", 10<<20))
	want := map[string]string{"a.test.xml": taken, "large.test.xml": "larger than 1 MiB"}
	if os.Symlink("../secret.xml", filepath.Join(inside, "out.test.xml")) == nil {
		want["out.test.xml"] = "not a regular file"
	}
	_, got := faults(t, inside)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFolderLeadsOut: where the folder of a checkout is a link to another place, the
// link is not followed.
func TestFolderLeadsOut(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "elsewhere/a.test.xml", harbour)
	write(t, dir, "checkout/README.md", "")
	if err := os.Symlink("../elsewhere", filepath.Join(dir, "checkout", "ispdb")); err != nil {
		t.Skip("links cannot be made here:", err)
	}
	if db, err := ispdb.Open(t.Context(), filepath.Join(dir, "checkout")); !errors.Is(err, ispdb.ErrNoFiles) {
		t.Errorf("read %v, %v", db, err)
	}
}

// TestTooMuch: a folder that is something else is not read to the end.
func TestTooMuch(t *testing.T) {
	var zipped bytes.Buffer
	w := zip.NewWriter(&zipped)
	for i := range 5001 {
		addZip(t, w, fmt.Sprintf("ispdb/f%d.xml", i), "x")
	}
	if _, err := ispdb.Open(t.Context(), saved(t, w, &zipped)); !errors.Is(err, ispdb.ErrTooMuch) {
		t.Errorf("5001 files: %v", err)
	}
	zipped.Reset()
	w = zip.NewWriter(&zipped)
	megabyte := strings.Repeat("x", 1<<20)
	for i := range 65 {
		addZip(t, w, fmt.Sprintf("ispdb/f%d.xml", i), megabyte)
	}
	if _, err := ispdb.Open(t.Context(), saved(t, w, &zipped)); !errors.Is(err, ispdb.ErrTooMuch) {
		t.Errorf("65 MiB in files: %v", err)
	}
}

func addZip(t *testing.T, w *zip.Writer, name, text string) {
	t.Helper()
	f, err := w.Create(name)
	if err == nil {
		_, err = f.Write([]byte(text))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// saved closes a zip and writes it to a file.
func saved(t *testing.T, w *zip.Writer, zipped *bytes.Buffer) string {
	t.Helper()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "database.zip")
	if err := os.WriteFile(name, zipped.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestZip reads a zip as GitHub makes it, with other things that a zip may contain.
func TestZip(t *testing.T) {
	var zipped bytes.Buffer
	w := zip.NewWriter(&zipped)
	const top = "autoconfig-0123456789abcdef0123456789abcdef01234567/"
	addZip(t, w, top+"README.md", "")
	addZip(t, w, top+"other.xml", harbour)
	addZip(t, w, top+"ispdb/a.test.xml", harbour)
	addZip(t, w, top+"ispdb/a.test.xml", harbour)
	addZip(t, w, top+"ispdb/deeper/c.test.xml", harbour)
	addZip(t, w, "../ispdb/slip.test.xml", harbour)
	addZip(t, w, "/ispdb/root.test.xml", harbour)
	addZip(t, w, `ispdb/..\slip.test.xml`, harbour)
	addZip(t, w, top+"ispdb/bomb.test.xml", strings.Repeat(" ", 20<<20))
	link := &zip.FileHeader{Name: top + "ispdb/link.test.xml"}
	link.SetMode(fs.ModeSymlink | 0o777)
	if f, err := w.CreateHeader(link); err != nil {
		t.Fatal(err)
	} else if _, err := f.Write([]byte("/etc/passwd")); err != nil {
		t.Fatal(err)
	}
	if err := w.SetComment("0123456789abcdef0123456789abcdef01234567"); err != nil {
		t.Fatal(err)
	}
	db, got := faults(t, saved(t, w, &zipped))
	want := map[string]string{
		"a.test.xml":             "another file has the same id in the table", // the second; both are listed
		"../ispdb/slip.test.xml": "unsuitable file name",
		"/ispdb/root.test.xml":   "unsuitable file name",
		`ispdb/..\slip.test.xml`: "unsuitable file name",
		"bomb.test.xml":          "larger than 1 MiB",
		"link.test.xml":          "not a regular file",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if db.Files[0].Name != "a.test.xml" || db.Files[0].Fault != ispdb.NoReason {
		t.Errorf("the first is %s: %s", db.Files[0].Name, db.Files[0].Fault)
	}
	if db.Commit != "0123456789abcdef0123456789abcdef01234567" {
		t.Errorf("the commit is %q", db.Commit)
	}
}

// TestZipThatLies: the size that a zip states does not decide.
func TestZipThatLies(t *testing.T) {
	var zipped bytes.Buffer
	w := zip.NewWriter(&zipped)
	addZip(t, w, "bomb.test.xml", strings.Repeat(" ", 10<<20))
	name := saved(t, w, &zipped)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	// In the central directory, the size before compression is 24 bytes after the
	// signature (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.12).
	at := bytes.Index(data, []byte("PK\x01\x02")) + 24
	copy(data[at:], []byte{10, 0, 0, 0})
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
	db, got := faults(t, name)
	if got["bomb.test.xml"] != "unreadable" || len(db.Files) != 1 {
		t.Errorf("a file larger than it says: %v", got)
	}
}

func TestNoDatabase(t *testing.T) {
	dir := t.TempDir()
	for _, source := range []string{dir, filepath.Join(dir, "missing"), "open_test.go"} {
		if db, err := ispdb.Open(t.Context(), source); err == nil {
			t.Errorf("%s is read as a database: %v", source, db)
		}
	}
}

func TestCommitOfCheckout(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef01234567"
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"detached":         {map[string]string{".git/HEAD": id + "\n"}, id},
		"branch":           {map[string]string{".git/HEAD": "ref: refs/heads/master\n", ".git/refs/heads/master": id + "\n"}, id},
		"packed":           {map[string]string{".git/HEAD": "ref: refs/heads/master\n", ".git/packed-refs": "# pack-refs\nffff refs/heads/other\n" + id + " refs/heads/master\n^1234\n"}, id},
		"no checkout":      {nil, ""},
		"branch leads out": {map[string]string{".git/HEAD": "ref: refs/../../id\n", "id": id}, ""},
		"no commit":        {map[string]string{".git/HEAD": "ref: refs/heads/master\n"}, ""},
		"not an id":        {map[string]string{".git/HEAD": "0123\n"}, ""},
		"large":            {map[string]string{".git/HEAD": strings.Repeat(" ", 2<<20) + id}, ""},
	} {
		dir := t.TempDir()
		write(t, dir, "ispdb/a.test.xml", harbour)
		for file, text := range test.files {
			write(t, dir, file, text)
		}
		if db, err := ispdb.Open(t.Context(), dir); err != nil || db.Commit != test.want {
			t.Errorf("%s: commit %q, %v", name, db.Commit, err)
		}
	}
}

// TestHistory: a checkout with a history says when each file was changed.
func TestHistory(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is missing")
	}
	dir := t.TempDir()
	git := func(day string, args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_AUTHOR_DATE="+day+"T12:00:00Z", "GIT_COMMITTER_DATE="+day+"T12:00:00Z", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("2020-01-01", "init", "-q")
	write(t, dir, "ispdb/a.test.xml", harbour)
	write(t, dir, "ispdb/b.test.xml", harbour)
	git("2020-01-01", "add", ".")
	git("2020-01-01", "commit", "-qm", "two")
	write(t, dir, "ispdb/b.test.xml", harbour+"\n")
	git("2024-05-31", "commit", "-qam", "one")
	check := func(want map[string]string) {
		t.Helper()
		db, err := ispdb.Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		got := make(map[string]string)
		for _, f := range db.Files {
			got[f.Name] = f.Changed.String()
		}
		if diff := cmp.Diff(want, got); diff != "" || db.Commit != git("2024-05-31", "rev-parse", "HEAD") {
			t.Errorf("commit %s (-want +got):\n%s", db.Commit, diff)
		}
	}
	check(map[string]string{"a.test.xml": "2020-01-01", "b.test.xml": "2024-05-31"})
	// In a shallow checkout one commit appears to have made everything.
	write(t, dir, ".git/shallow", git("2024-05-31", "rev-parse", "HEAD")+"\n")
	check(map[string]string{"a.test.xml": "", "b.test.xml": ""})
}
