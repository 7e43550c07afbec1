// Package cli is mailsetup's command line. It reads flags, environment
// variables and files, hands them to the server as parsed values, and turns
// signals into reloads and a graceful stop.
//
// For scripts: standard output contains only the requested output, and the exit status
// is 0 for success, 1 for a failure and 2 for an invalid command line; doctor and
// import have further statuses. An error says what to do next.
//
// Each command is one file.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/provider"
	"mailsetup/internal/spelling"
	"mailsetup/internal/terminal"
)

// Config is everything that the program gets from outside, except the environment.
type Config struct {
	// Args are the command line, the program's name first.
	Args []string
	// BuiltinTable is the text of the built-in providers.yaml.
	BuiltinTable   []byte
	Stdin          io.Reader // nil: there is none
	Stdout, Stderr io.Writer
}

// Main runs the command that the arguments name and returns the exit status.
// When ctx ends, a running server stops as it does at SIGTERM.
func Main(ctx context.Context, cfg Config) int {
	root := program{cfg}.root()
	help := &helpWriter{to: cfg.Stdout}
	root.Writer = help
	warnOfVariables(cfg.Stderr, root, os.Environ())
	err := wrongVariable(root.Run(ctx, cfg.Args))
	if err == nil {
		err = help.err
	}
	switch {
	case err == nil:
		return 0
	case isExitStatus(err):
		return reportStatus(cfg.Stderr, err)
	case isUsage(err):
		_ = terminal.Print(cfg.Stderr, "mailsetup: "+strings.ReplaceAll(err.Error(), "\n", "\nmailsetup: ")+"\n")
		return 2
	default:
		reportFailure(cfg.Stderr, err)
		return 1
	}
}

// A program is one run of mailsetup.
type program struct{ Config }

// given reports whether a flag is on the command line itself, not in the environment.
func (p program) given(flag string) bool {
	return slices.ContainsFunc(p.Args, func(arg string) bool {
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		return name == flag && strings.HasPrefix(arg, "-")
	})
}

// root makes the tree of commands.
func (p program) root() *cli.Command {
	root := &cli.Command{
		Name:                          "mailsetup",
		Usage:                         "answers mail clients that ask for the settings of an address",
		Version:                       buildVersion(),
		DefaultCommand:                "serve",
		Flags:                         tableFlags(),
		ErrWriter:                     p.Stderr,
		OnUsageError:                  onUsageError,
		CustomRootCommandHelpTemplate: rootHelp,
		// Main decides on the exit status; the library would call os.Exit.
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
		Commands: []*cli.Command{
			p.serveCommand(),
			p.checkCommand(),
			p.tableCommand(),
			p.renderCommand(),
			p.exportCommand(),
			p.importCommand(),
			p.dnsCommand(),
			p.doctorCommand(),
			p.healthcheckCommand(),
			p.manCommand(),
			p.completionCommand(),
			p.versionCommand(),
		},
	}
	for _, c := range root.Commands {
		c.OnUsageError = onUsageError
		c.Before = p.refuseEmpty
		c.CustomHelpTemplate = commandHelp
		// A leaf has no help command, so that a file called "help" is a file.
		c.HideHelpCommand = true
		// The library treats an argument before --help as a help topic.
		c.CommandNotFound = func(ctx context.Context, cmd *cli.Command, _ string) {
			_ = cli.ShowCommandHelp(ctx, cmd.Root(), cmd.Name)
		}
	}
	return root
}

// An exitStatus ends the program with a given status, for commands whose status says
// what they found. Without an error nothing is printed.
type exitStatus struct {
	code int
	err  error
}

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", e.code) }

func isExitStatus(err error) bool {
	_, ok := errors.AsType[exitStatus](err)
	return ok
}

func reportStatus(w io.Writer, err error) int {
	e, _ := errors.AsType[exitStatus](err)
	if e.err != nil {
		reportFailure(w, e.err)
	}
	return e.code
}

// A usageError is a command line that could not be understood.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// isUsage also treats mistakes in --domain as usage errors, and the library's own errors
// with an exit status: it returns one only for a help topic that does not exist.
func isUsage(err error) bool {
	if _, ok := errors.AsType[usageError](err); ok {
		return true
	}
	if mistakes, ok := errors.AsType[provider.Errors](err); ok {
		return mistakes.OnlyInFlags()
	}
	_, ok := errors.AsType[cli.ExitCoder](err)
	return ok
}

// onUsageError rewords what the library says is wrong with a flag. The library has no
// error values for this, only these four texts.
func onUsageError(_ context.Context, cmd *cli.Command, err error, _ bool) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		name = strings.TrimLeft(name, "-")
		text = "unknown flag --" + name
		if near := spelling.Nearest(name, flagNames(cmd), max(1, len(name)/3)); near != "" {
			text += fmt.Sprintf(" (did you mean --%s?)", near)
		}
	} else if name, ok := strings.CutPrefix(text, "flag needs an argument: "); ok {
		text = fmt.Sprintf("%s needs a value", name)
	} else if before, ok := strings.CutSuffix(text, ": can't duplicate this flag"); ok {
		_, name, _ := strings.Cut(before, " for flag -")
		text = fmt.Sprintf("--%s is given twice; give it once", strings.TrimLeft(name, "-"))
	} else if before, ok := strings.CutSuffix(text, ": parse error"); ok {
		_, name, _ := strings.Cut(before, " for flag -")
		text = fmt.Sprintf("--%s is a switch; write --%[1]s, or --%[1]s=false", strings.TrimLeft(name, "-"))
	}
	return usagef("%s; see '%s --help'", text, cmd.FullName())
}

// wrongVariable rewords what the library says about the variable of a switch that is
// neither true nor false, which it does not pass to onUsageError.
func wrongVariable(err error) error {
	if err == nil || !strings.HasPrefix(err.Error(), "could not parse ") {
		return err
	}
	before, ok := strings.CutSuffix(err.Error(), ": parse error")
	_, name, found := strings.Cut(before, "environment variable \""+variablePrefix)
	if !ok || !found {
		return err
	}
	name, _, _ = strings.Cut(name, `"`)
	return usagef("%s%s: invalid value; use true or false", variablePrefix, name)
}

// flagNames returns the names of a command's flags, without dashes.
func flagNames(cmd *cli.Command) (names []string) {
	for _, f := range append(cmd.VisibleFlags(), cmd.VisiblePersistentFlags()...) {
		names = append(names, f.Names()[0])
	}
	return names
}

// wantArgs checks the number of a command's arguments.
func wantArgs(cmd *cli.Command, low, high int) error {
	n := cmd.Args().Len()
	switch {
	case n < low:
		return usagef("missing argument; usage: %s %s", cmd.FullName(), cmd.ArgsUsage)
	case n > high && high == 0:
		return usagef("unexpected argument %q: %s takes none; see '%s --help'", cmd.Args().First(), cmd.FullName(), cmd.FullName())
	case n > high:
		return usagef("unexpected argument %q; usage: %s %s", cmd.Args().Get(high), cmd.FullName(), cmd.ArgsUsage)
	}
	return nil
}
