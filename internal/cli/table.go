package cli

import (
	"context"

	"github.com/urfave/cli/v3"
)

func (p program) tableCommand() *cli.Command {
	return &cli.Command{
		Name:  "table",
		Usage: "print the table in force",
		Description: `Prints the built-in table with your own laid over it, as a table that could be
given with --providers. Without a table of your own, that is the built-in one
with the sources of its facts: a good start for an entry of yours.`,
		Action: func(_ context.Context, cmd *cli.Command) error {
			if err := wantArgs(cmd, 0, 0); err != nil {
				return err
			}
			table, err := p.tableSource(cmd).Load()
			if err != nil {
				return err
			}
			_, err = p.Stdout.Write(table.YAML())
			return err
		},
	}
}
