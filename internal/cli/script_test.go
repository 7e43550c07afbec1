package cli_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"mailsetup/internal/cli"
)

var update = flag.Bool("update", false, "write what the program prints into the scripts")

// TestMain makes mailsetup a program that scripts run as people do: as a
// separate process with its own arguments, environment and signals.
func TestMain(m *testing.M) {
	testscript.Main(leaklessTests{m}, map[string]func(){
		"mailsetup": func() {
			table, err := os.ReadFile(os.Getenv("BUILTIN_TABLE"))
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(3)
			}
			os.Exit(leakless(cli.Main(context.Background(), cli.Config{
				Args: os.Args, BuiltinTable: table, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
			}), goleak.IgnoreAnyFunction(logWriter)))
		},
	})
}

// leaklessTests fail if one of them leaves a goroutine behind. So does the scripts'
// program, if it ends with status 0.
type leaklessTests struct{ *testing.M }

func (m leaklessTests) Run() int { return leakless(m.M.Run()) }

// logWriter waits for the log's reader as long as that does not read.
const logWriter = "mailsetup/internal/logbuffer.(*Buffer).run"

// leakless returns the exit status of a process: 70 instead of 0 if goroutines are
// left.
func leakless(status int, ignored ...goleak.Option) int {
	if status != 0 {
		return status
	}
	if err := goleak.Find(ignored...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 70
	}
	return 0
}

// TestScript runs testdata/script: each command, each mistake in using it, and a
// real server under real signals.
func TestScript(t *testing.T) {
	table, err := filepath.Abs(filepath.Join("..", "..", "providers.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("BUILTIN_TABLE", table)
			// Under -race each of the hundred processes would wait a second when
			// it ends for reports from its other threads.
			env.Setenv("GORACE", "atexit_sleep_ms=20")
			env.Values[serverKey{}] = new(server)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"certificate": writeCertificate,
			"exits":       exits,
			"list":        writeList,
			"nameserver":  nameserver,
			"start":       start,
			"logged":      logged,
			"signal":      sendSignal,
			"stopped":     stopped,
			"request":     request,
		},
	})
}

// list FILE COUNT writes a list of that many domains.
func writeList(ts *testscript.TestScript, _ bool, args []string) {
	count, err := strconv.Atoi(args[1])
	ts.Check(err)
	var list strings.Builder
	for i := range count {
		fmt.Fprintf(&list, "customer-%d.example icloud\n", i)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(list.String()), 0o600))
}

// exits CODE PROGRAM ARGS... runs a program that must end with that status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		failure, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = failure.ExitCode()
	}
	if neg || got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// skipUnlessRequired skips a test because something is missing, or fails it where
// MAILSETUP_E2E=require says that everything must be there.
func skipUnlessRequired(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("MAILSETUP_E2E") == "require" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}
