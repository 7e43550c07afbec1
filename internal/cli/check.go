package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
	"mailsetup/internal/terminal"
)

func (p program) checkCommand() *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "find every mistake in a table",
		ArgsUsage: "[FILE...]",
		Description: `Reads the given files, or the tables that --providers names, as the server would,
and generates every document once. Each mistake is printed with its line and
column. A folder means all tables in it, and - means standard input. The exit
status is 0 for a good table and 1 for one with mistakes.`,
		Action: func(_ context.Context, cmd *cli.Command) error {
			source := p.tableSource(cmd)
			if cmd.Args().Present() {
				if p.given("providers") {
					return usagef("the tables to check are given as arguments and with --providers; give them in one way")
				}
				source.paths = cmd.Args().Slice()
			}
			source.stdin = p.Stdin
			table, err := source.Load()
			if err != nil {
				return err
			}
			if _, err := document.NewSet(table, document.PublicURL{}); err != nil {
				return err
			}
			for _, list := range []struct {
				title string
				all   provider.Errors
			}{{"warnings", table.Warnings()}, {"where tables overlap", table.Notes()}} {
				if len(list.all) == 0 {
					continue
				}
				if err := terminal.Print(p.Stderr, fmt.Sprintf("%s:\n%v\n", list.title, list.all)); err != nil {
					return err
				}
			}
			text := fmt.Sprintf("%s is good: %s\n", terminal.Line(source.Name()), summary(table))
			if n := table.DomainsWithLogins(); n > 0 {
				text += fmt.Sprintf("Logins are stated in %s: anyone who knows an address there can ask for its login.\n", plural(n, "domain"))
			}
			return terminal.Print(p.Stdout, text)
		},
	}
}

// summary says in one line what a table serves.
func summary(t *provider.Table) string {
	var services []string
	for _, p := range t.Providers() {
		services = append(services, fmt.Sprintf("%s (%s)", p.ID, plural(len(p.Domains), "domain")))
	}
	return fmt.Sprintf("it serves %s and %s of your own",
		strings.Join(shorten(services), ", "), plural(t.HostedCount(), "domain"))
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// shorten keeps the first few of a list and counts the others.
func shorten(list []string) []string {
	const few = 5
	if len(list) <= few {
		return list
	}
	return append(list[:few:few], fmt.Sprintf("and %d more", len(list)-few))
}
