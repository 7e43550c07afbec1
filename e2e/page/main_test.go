package page

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// outFolder is for files that people may want to see after a run.
const outFolder = "../out/page"

var (
	program string // the program under test
	scratch string // a folder that is removed after the run
)

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		fmt.Println("the tests in a browser are left out: -short")
		return
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if scratch, err = os.MkdirTemp("", "mailsetup-page-"); err != nil {
		return complain(err)
	}
	defer os.RemoveAll(scratch)
	if program = os.Getenv("MAILSETUP_BINARY"); program == "" {
		program = filepath.Join(scratch, "mailsetup")
		if out, err := exec.Command("go", "build", "-o", program, "mailsetup").CombinedOutput(); err != nil {
			return complain(fmt.Errorf("go build: %w\n%s", err, out))
		}
	}
	if err := os.MkdirAll(outFolder, 0o755); err != nil {
		return complain(err)
	}
	defer closeBrowser()
	return m.Run()
}

func complain(err error) int {
	fmt.Fprintln(os.Stderr, "tests in a browser:", err)
	return 1
}

// need skips a test whose program is missing, or fails it where
// MAILSETUP_E2E=require says that everything must be there.
func need(t testing.TB, what string, err error) {
	t.Helper()
	switch {
	case err == nil:
	case os.Getenv("MAILSETUP_E2E") == "require":
		t.Fatalf("%s: %v", what, err)
	default:
		t.Skipf("%s: %v", what, err)
	}
}
