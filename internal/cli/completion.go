package cli

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/completion"
)

// The scripts are our own. The cli library's script for bash evaluates the typed line,
// including commands in $(), and starts the program at every tab.

func (p program) completionCommand() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print a completion script for " + strings.Join(completion.Shells[:len(completion.Shells)-1], ", ") + " or " + completion.Shells[len(completion.Shells)-1],
		Metadata:  map[string]any{withoutTable: true},
		ArgsUsage: strings.Join(completion.Shells, "|"),
		Description: `Prints a script with which a shell completes commands, flags, their values and
files. The packages install all three. Without a package:

  eval "$(mailsetup completion bash)"   in ~/.bashrc
  eval "$(mailsetup completion zsh)"    in ~/.zshrc, after compinit
  mailsetup completion fish | source    in ~/.config/fish/config.fish`,
		Action: func(_ context.Context, cmd *cli.Command) error {
			if err := wantArgs(cmd, 1, 1); err != nil {
				return err
			}
			shell := cmd.Args().First()
			if !slices.Contains(completion.Shells, shell) {
				return usagef("%q: there is no completion for this shell; usage: %s %s", shell, cmd.FullName(), cmd.ArgsUsage)
			}
			script, err := commandLines(cmd.Root()).Script(shell)
			if err != nil {
				return err
			}
			return p.printDocument([]byte(script))
		},
	}
}

// A choiceFlag takes one of a few words.
type choiceFlag struct {
	*cli.StringFlag
	words []string
}

// oneOf makes a flag that takes one of the words; see textFlag.
func oneOf(name, value, standard, usage string, words ...string) cli.Flag {
	// A pointer: the library has a map by flag.
	return &choiceFlag{textFlag(name, value, standard, usage), words}
}

// choices are the words that an argument of a command may be, by the argument's name in
// the command's usage.
type choices map[string][]string

// argumentChoices is where a command's Metadata holds its choices.
const argumentChoices = "choices"

// named returns the names of values, such as formats.
func named[T fmt.Stringer](values []T) (names []string) {
	for _, v := range values {
		names = append(names, v.String())
	}
	return names
}

// commandLines returns what the commands and their flags accept, as their help says.
func commandLines(root *cli.Command) completion.Program {
	p := completion.Program{Name: root.Name}
	for _, f := range root.VisibleFlags() {
		if f.Names()[0] == "version" { // which no other command takes
			p.Bare = append(p.Bare, completedFlag(f))
		} else {
			p.Flags = append(p.Flags, completedFlag(f))
		}
	}
	for _, c := range root.VisibleCommands() {
		if c.Name == "help" {
			continue
		}
		done := completion.Command{Name: c.Name, Usage: c.Usage}
		for _, f := range c.VisibleFlags() {
			if f.Names()[0] != "help" {
				done.Flags = append(done.Flags, completedFlag(f))
			}
		}
		words, _ := c.Metadata[argumentChoices].(choices)
		for _, argument := range strings.Fields(c.ArgsUsage) {
			switch name := strings.Trim(argument, "[.]"); {
			case argument == "|", strings.HasPrefix(argument, "--"): // a flag instead of an argument
			case strings.HasSuffix(argument, "...]"):
				done.More = completedValue(name, words[name])
			case name == strings.ToLower(name): // a literal word
				done.Arguments = append(done.Arguments, completedValue(name, strings.Split(name, "|")))
			default:
				done.Arguments = append(done.Arguments, completedValue(name, words[name]))
			}
		}
		p.Commands = append(p.Commands, done)
		if c.Name == root.DefaultCommand {
			p.Bare = append(p.Bare, done.Flags...)
		}
	}
	return p
}

// flagHelp are the parts of a flag's line in the help.
var flagHelp = regexp.MustCompile(`^--([a-z0-9-]+)(?:, -([a-z]))?(?: (\S+))?\t(.*?)( \(repeatable\))?$`)

func completedFlag(f cli.Flag) completion.Flag {
	parts := flagHelp.FindStringSubmatch(f.String())
	if parts == nil { // one of the library's own, which has another format
		names := append(f.Names(), "")
		usage := strings.TrimSpace(f.String()[strings.LastIndex(f.String(), "\t")+1:])
		return completion.Flag{Name: names[0], Letter: names[1], Usage: usage}
	}
	done := completion.Flag{Name: parts[1], Letter: parts[2], Usage: parts[4], Repeated: parts[5] != ""}
	if parts[3] != "" {
		var words []string
		if choice, ok := f.(*choiceFlag); ok {
			words = choice.words
		}
		done.Value = completedValue(parts[3], words)
	}
	return done
}

// completedValue returns the value that a name in the help stands for.
func completedValue(name string, words []string) completion.Value {
	v := completion.Value{Name: name, Words: words, Kind: completion.Text}
	switch {
	case len(words) > 0:
		v.Kind = completion.Words
	case name == "FILE", name == "PATH", name == "SOURCE":
		v.Kind = completion.Files
	case name == "DIR", name == "FOLDER", name == "PLACE":
		v.Kind = completion.Folders
	}
	return v
}
