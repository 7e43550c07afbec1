package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/provider"
)

func (p program) tableCommand() *cli.Command {
	return &cli.Command{
		Name:  "table",
		Usage: "print the current table",
		Description: `Prints the built-in table merged with your own, as a table that could be given
with --providers. Without a table of your own, that is the built-in one with the
sources of its facts: a good start for your own entry. Plain lists are named, not
copied; their relative names stay relative to your table.

--domains prints all your own domains instead, including those in lists, as a list
that could be given with --domains-file.`,
		Flags: []cli.Flag{
			switchFlag("domains", "print only your domains, one per line"),
		},
		Action: func(_ context.Context, cmd *cli.Command) error {
			if err := wantArgs(cmd, 0, 0); err != nil {
				return err
			}
			table, err := p.tableSource(cmd).Load()
			if err != nil {
				return err
			}
			if cmd.Bool("domains") {
				return writeDomains(p.Stdout, table)
			}
			return p.printDocument(table.YAML())
		},
	}
}

// writeDomains writes all hosted domains as a plain list.
func writeDomains(w io.Writer, t *provider.Table) error {
	out := bufio.NewWriter(w)
	for d := range t.Hosted() {
		if m, ok := t.ByDomain(d); ok {
			fmt.Fprintf(out, "%s %s\n", d, m.Provider().ID)
		}
	}
	return out.Flush()
}
