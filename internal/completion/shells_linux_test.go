package completion_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// typed lists beginnings of command lines, and what a tab makes of the last word; it stays
// as it is where nothing fits. The current folder contains the files "list.txt" and "some
// file", and the folder "somewhere".
var typed = []struct{ line, want string }{
	{"sample che", "check"},
	{"sample xyz", "xyz"},
	{"sample --vers", "--version"},
	{"sample --mo", "--mode"}, // a flag of the default command
	{"sample --mode ac", "acme"},
	{"sample --mode=ac", "--mode=acme"},
	{"sample --mode acme --li", "--listen"},
	{"sample --domain example.com=icloud ren", "render"},
	{"sample --listen :8080 ren", "render"},
	{"sample --listen=127.0.0.1:8080 ren", "render"},
	{"sample render autoc", "autoconfig"},
	{"sample render --table x js", "json"},
	{"sample render --table=x js", "json"},
	{"sample --table x render js", "json"},
	{"sample render json li", "li"},
	{"sample render json --tab", "--table"},
	{"sample render --mod", "--mod"},
	{"sample render x y js", "js"},
	{"sample check li", "list.txt"},
	{"sample check a b li", "list.txt"},
	{"sample check --table=li", "--table=list.txt"},
	{"sample check --table li", "list.txt"},
	{"sample check --domain li", "li"},
	{"sample export so", "somewhere/"},
	{"sample --root so", "somewhere/"},
	{"sample import is", "ispdb"},
	{"sample import --prune is", "ispdb"},
	{"sample import ispdb li", "list.txt"},
	{"sample import --pr", "--prune"},
	{"sample import ispdb x li", "li"},
	{"sample quit li", "li"},
}

// Real shells complete as promised. A missing shell is skipped, or fails the test where
// MAILSETUP_E2E=require says that everything must be there.
func TestShells(t *testing.T) {
	for shell, complete := range map[string]func(*testing.T, string) func(string) string{
		"bash": interactive("bash", "--noprofile", "--rcfile", "rc", "-i"),
		"zsh":  interactive("zsh", "--no-global-rcs", "-i"),
		"fish": fish,
	} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(shell); err != nil {
				if os.Getenv("MAILSETUP_E2E") == "require" {
					t.Fatalf("%s is missing (Debian: %s)", shell, shell)
				}
				t.Skipf("%s is missing (Debian: %s)", shell, shell)
			}
			folder := t.TempDir()
			for name, text := range map[string]string{"list.txt": "", "some file": "", "somewhere/else": ""} {
				write(t, filepath.Join(folder, name), text)
			}
			after := complete(t, folder)
			for _, c := range typed {
				// zsh removes the slash when the line ends.
				if got := after(c.line); strings.TrimSuffix(got, "/") != strings.TrimSuffix(c.want, "/") {
					t.Errorf("%q: the last word becomes %q, want %q", c.line, got, c.want)
				}
			}
			// Completing a line does not run it.
			after("sample check $(touch harm) li")
			if shell == "fish" {
				return // which was only asked for offers; the other shells have run the line
			}
			if err := os.Remove(filepath.Join(folder, "harm")); err != nil {
				t.Fatal("the line was not run:", err)
			}
			after("sample check $(touch harm) \t\x15sample quit x")
			if _, err := os.Stat(filepath.Join(folder, "harm")); err == nil {
				t.Error("a tab has run the typed line")
			}
		})
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// fish completes a line that is passed to it.
func fish(t *testing.T, folder string) func(line string) string {
	write(t, filepath.Join(folder, "../script.fish"), script(t, "fish"))
	return func(line string) string {
		cmd := exec.Command("fish", "--no-config", "--command", "source ../script.fish; complete --do-complete $argv[1]", line)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "HOME="+folder+"/..")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		offers := strings.Fields(line)
		for offer := range strings.Lines(string(out)) {
			word, _, _ := strings.Cut(strings.TrimSuffix(offer, "\n"), "\t")
			offers = append(offers, word)
		}
		if n := len(offers) - len(strings.Fields(line)); n > 1 {
			t.Errorf("%q: %d offers: %s", line, n, out)
		}
		return offers[len(offers)-1]
	}
}

// interactive types lines into a shell on a terminal, each followed by a tab and a return.
// There, the program is a function that prints its arguments.
func interactive(name string, args ...string) func(*testing.T, string) func(string) string {
	return func(t *testing.T, folder string) func(line string) string {
		rc := `
sample() { printf '%s\0' "$@" >&3; printf '\n' >&3; }
PS1='$ '
`
		switch name {
		case "bash":
			write(t, filepath.Join(folder, "../rc"), script(t, name)+rc)
			args[2] = "../rc"
		case "zsh":
			write(t, filepath.Join(folder, "../functions/_sample"), script(t, name))
			write(t, filepath.Join(folder, "../.zshrc"), "fpath=("+folder+"/../functions $fpath)\nautoload -Uz compinit\ncompinit -u -D\n"+rc)
		}
		master, slave := terminal(t)
		results, output, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(name, args...)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "HOME="+folder+"/..", "ZDOTDIR="+folder+"/..", "TERM=xterm", "HISTFILE=")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
		cmd.ExtraFiles = []*os.File{output} // file 3
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		slave.Close()
		output.Close()
		var screen bytes.Buffer
		drained := make(chan struct{})
		go func() {
			defer close(drained)
			_, _ = io.Copy(&screen, master) // ends with an error when the shell is gone
		}()
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			<-drained
			master.Close()
			results.Close()
			if t.Failed() {
				t.Logf("the terminal showed\n%s", &screen)
			}
		})
		lines := bufio.NewReader(results)
		return func(line string) string {
			// A shell that hangs must not hang the test.
			if err := results.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Fprintf(master, "%s\t\r", line); err != nil {
				t.Fatal(err)
			}
			answer, err := lines.ReadString('\n')
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			words := strings.Split(strings.TrimSuffix(answer, "\x00\n"), "\x00")
			return words[len(words)-1]
		}
	}
}

// terminal opens a pseudo-terminal.
func terminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return master, slave
}
