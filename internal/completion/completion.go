// Package completion writes scripts that let bash, zsh and fish complete a program's
// command lines: commands, flags, their values, and file names.
//
// A script contains everything that it offers. It neither runs the program nor evaluates
// the typed text, so half a command line does no harm.
package completion

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A Kind is the kind of a value.
type Kind uint8

// The kinds of values.
const (
	Nothing Kind = iota // no value: a flag that is given or not
	Text                // cannot be completed
	Files
	Folders
	Words // one of a few words
)

// A Value is the value of a flag or an argument.
type Value struct {
	Kind  Kind
	Name  string   // as in the help, such as FILE
	Words []string // for the kind Words
}

// A Flag is one flag of a command.
type Flag struct {
	Name     string // without dashes
	Letter   string // its short form without the dash, or empty
	Usage    string // its description in the help
	Value    Value
	Repeated bool // it may be given several times
}

// A Command is one command with its own flags.
type Command struct {
	Name, Usage string
	Flags       []Flag
	Arguments   []Value // in order
	// More is the value of any further arguments.
	More Value
}

// A Program is the program whose command lines are completed.
type Program struct {
	Name     string
	Commands []Command
	Flags    []Flag // of every command
	Bare     []Flag // without a command, in addition to those of every command
}

// Shells are the supported shells.
var Shells = []string{"bash", "zsh", "fish"}

// Script returns the script for one of Shells. It is an error if a name needs quotes, or
// if a flag has different values in different commands: bash and fish see flags before
// they know the command.
func (p Program) Script(shell string) (string, error) {
	if err := p.check(); err != nil {
		return "", err
	}
	switch shell {
	case "bash":
		return p.bash(), nil
	case "zsh":
		return p.zsh(), nil
	case "fish":
		return p.fish(), nil
	default:
		last := len(Shells) - 1
		return "", fmt.Errorf("unknown shell %q: use %s or %s", shell, strings.Join(Shells[:last], ", "), Shells[last])
	}
}

func (p Program) check() error {
	names := []string{p.Name}
	for _, c := range p.Commands {
		names = append(names, c.Name)
		for _, a := range append(c.Arguments, c.More) {
			names = append(names, a.Words...)
		}
	}
	known := map[string]Value{}
	for _, f := range p.allFlags() {
		names = append(append(names, f.Name), f.Value.Words...)
		if before, ok := known[f.Name]; ok && (before.Kind != f.Value.Kind || !slices.Equal(before.Words, f.Value.Words)) {
			return fmt.Errorf("--%s takes different values in different commands", f.Name)
		}
		known[f.Name] = f.Value
	}
	plain := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, name := range names {
		if !plain.MatchString(name) {
			return fmt.Errorf("%q is not a plain word", name)
		}
	}
	return nil
}

// allFlags returns the flags of all commands, some of them several times.
func (p Program) allFlags() []Flag {
	all := slices.Concat(p.Flags, p.Bare)
	for _, c := range p.Commands {
		all = append(all, c.Flags...)
	}
	return all
}

// spelt returns the ways to write flags on a command line.
func spelt(flags ...Flag) (all []string) {
	for _, f := range flags {
		all = append(all, "--"+f.Name)
		if f.Letter != "" {
			all = append(all, "-"+f.Letter)
		}
	}
	return all
}

// withValue returns the spellings of all flags that take a value, each once.
func (p Program) withValue(wanted func(Value) bool) (all []string) {
	for _, f := range p.allFlags() {
		for _, s := range spelt(f) {
			if wanted(f.Value) && !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}
