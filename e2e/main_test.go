package e2e

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"mailsetup/e2e/world"
)

// Shared by all tests.
var (
	internet *world.World
	product  *server // the server under test
	scratch  string  // a folder that is removed after the run
)

// outFolder is for files that people may want to see after a run.
const outFolder = "out"

// binaryVariable names the program under test, which is already built.
const binaryVariable = "MAILSETUP_BINARY"

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() || runtime.GOOS == "windows" {
		fmt.Println("the end-to-end tests are left out: -short, or Windows")
		return
	}
	status := outside(m)
	// Go must not cache the result: it knows which packages this one imports,
	// but not that the program under test is built from others. Without this
	// log it caches nothing.
	if log := flag.Lookup("test.testlogfile"); log != nil && log.Value.String() != "" && !world.Isolated() {
		os.Remove(log.Value.String())
	}
	os.Exit(status)
}

// outside builds the program and runs the tests in namespaces, or in this
// process where those are not allowed.
func outside(m *testing.M) int {
	if world.Isolated() {
		return inside(m)
	}
	dir, err := os.MkdirTemp("", "mailsetup-e2e-")
	if err != nil {
		return complain(err)
	}
	defer os.RemoveAll(dir)
	// The inner process has no network to fetch modules from, and ends without
	// cleaning up if it is interrupted.
	os.Setenv("TMPDIR", dir)
	if os.Getenv(binaryVariable) == "" {
		binary := filepath.Join(dir, "mailsetup")
		if out, err := exec.Command("go", "build", "-o", binary, "mailsetup").CombinedOutput(); err != nil {
			return complain(fmt.Errorf("go build: %w\n%s", err, out))
		}
		os.Setenv(binaryVariable, binary)
	}
	buildAuthority(dir)
	status, err := world.Isolate()
	if errors.Is(err, world.ErrNotAllowed) {
		return inside(m)
	}
	if err != nil {
		return complain(err)
	}
	return status
}

// inside starts the world and the server under test in it, runs the tests and
// stops both.
func inside(m *testing.M) (status int) {
	var err error
	if scratch, err = os.MkdirTemp("", "inside-"); err != nil {
		return complain(err)
	}
	defer os.RemoveAll(scratch)
	p, err := readPolicy()
	if err != nil {
		return complain(err)
	}
	cfg := world.Config{Isolated: world.Isolated(), Sites: slices.Concat(sites, oddSites()), Hosts: slices.Concat(mailHosts, oddHosts), Directory: p.directory}
	if internet, err = world.New(cfg); err != nil {
		return complain(err)
	}
	defer internet.Close()
	if internet.Isolated() {
		if err := p.install(); err != nil {
			return complain(err)
		}
	}
	policy = p
	if product, err = startServer("server", internet.Upstream(), "--providers", importedTable, "--trusted-proxy", "127.0.0.1/32"); err != nil {
		return complain(err)
	}
	status = m.Run()
	if err := errors.Join(closeThunderbird(), product.stop()); err != nil {
		return complain(err)
	}
	if leak := product.leak(); leak != "" {
		return complain(fmt.Errorf("the server's log holds part of an address: %s", leak))
	}
	return status
}

func complain(err error) int {
	fmt.Fprintln(os.Stderr, "end-to-end tests:", err)
	return 1
}

// need skips a test whose program is missing, or fails it where
// MAILSETUP_E2E=require says that everything must be there.
func need(t *testing.T, what string, err error) {
	t.Helper()
	switch {
	case err == nil:
	case os.Getenv("MAILSETUP_E2E") == "require":
		t.Fatalf("%s: %v", what, err)
	default:
		t.Skipf("%s: %v", what, err)
	}
}

// needTool finds a program of a Debian package.
func needTool(t *testing.T, name, debian string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	need(t, name+" is missing (Debian package "+debian+")", err)
	return path
}
