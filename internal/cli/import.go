package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/ispdb"
	"mailsetup/internal/provider"
	"mailsetup/internal/regularfile"
	"mailsetup/internal/terminal"
)

func (p program) importCommand() *cli.Command {
	return &cli.Command{
		Name:      "import",
		Usage:     "turn Thunderbird's settings database into a table",
		Metadata:  map[string]any{withoutTable: true},
		ArgsUsage: ispdb.Source + " SOURCE",
		Description: `Reads a copy of github.com/thunderbird/autoconfig (the ISPDB) and prints a table of
the mail services in it, for --providers. SOURCE is a checkout, a zip of one, or a
folder of its XML files. Nothing is downloaded, and mailsetup contains no part of
the database: it is Thunderbird's, licensed under MPL-2.0.

  git clone https://github.com/thunderbird/autoconfig
  mailsetup import ispdb autoconfig --to ispdb.yaml
  mailsetup serve --providers ispdb.yaml

Services without IMAP or without encryption are left out. The built-in table and your
own override the imported one. The report on standard error says what was left out
and why, what was lost, and what to check.

To update, import a later copy with --to and --diff naming the same file. --diff
prints what changes and marks each new host that would receive passwords; without
--to, nothing is written. Services that are gone from the database stay in the file
unless --prune is given. A date under 'verified' stays while the servers are the same.

The exit status is 0 if every file was imported, 3 if some were left out, and 1 if
nothing could be read or written.`,
		Flags: []cli.Flag{
			textFlag("to", "FILE", "", "write the table to FILE, completely or not at all"),
			textFlag("diff", "FILE", "", "print what changes from the imported table FILE"),
			textFlag("commit", "ID", "", "the database's version, if SOURCE does not say"),
			switchFlag("prune", "leave out services that are gone from the database"),
		},
		Action: p.importDatabase,
	}
}

func (p program) importDatabase(ctx context.Context, cmd *cli.Command) error {
	if err := wantArgs(cmd, 2, 2); err != nil {
		return err
	}
	if name := cmd.Args().First(); name != ispdb.Source {
		return usagef("unknown database %q; there is ispdb: %s %s", name, cmd.FullName(), cmd.ArgsUsage)
	}
	commit := cmd.String("commit")
	if commit != "" {
		if _, err := ispdb.ParseCommit(commit); err != nil {
			return usagef("--commit: %w", err)
		}
	}
	to, diff := cmd.String("to"), cmd.String("diff")
	before, err := tableBefore(to, diff)
	if err != nil {
		return err
	}
	db, err := ispdb.Open(ctx, cmd.Args().Get(1))
	if err != nil {
		return err
	}
	if commit != "" {
		db.Commit = commit
	}
	table := ispdb.Import(db)
	changes := ispdb.Compare(before, table.Providers)
	update := table.CarryOver(before, cmd.Bool("prune"))
	text := table.YAML()
	if err := p.reportImport(table, update, text); err != nil {
		return err
	}
	if to != "" {
		err = replaceFile(to, text)
	} else if diff == "" {
		err = p.printDocument(text)
	}
	if err == nil && diff != "" {
		var changed strings.Builder
		if err = ispdb.WriteChanges(&changed, changes); err == nil {
			err = terminal.Print(p.Stdout, changed.String())
		}
	}
	if err == nil && len(table.Report.LeftOut) > 0 {
		return exitStatus{code: 3}
	}
	return err
}

// tableBefore reads the imported table that this import updates: the one of --diff, else
// the one that --to would replace. Only an imported table is ever replaced.
func tableBefore(to, diff string) ([]*provider.Provider, error) {
	var before []*provider.Provider
	for _, path := range []string{to, diff} {
		if path == "" {
			continue
		}
		text, err := regularfile.Read(path, provider.MaxSource)
		if errors.Is(err, fs.ErrNotExist) && path != diff {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("the previous table cannot be read: %w", err)
		}
		before, err = ispdb.Load(path, text)
		if errors.Is(err, ispdb.ErrNotImported) {
			return nil, fmt.Errorf("%s: %w; an import compares and replaces only imported tables, so give another name", path, err)
		}
		if err != nil {
			return nil, err // provider.Errors, with their positions
		}
	}
	return before, nil
}

// reportImport loads the table as a server would and reports the result of the import.
func (p program) reportImport(table *ispdb.Table, update ispdb.Update, text []byte) error {
	var b strings.Builder
	if err := table.WriteReport(&b); err != nil {
		return err
	}
	if len(table.Providers) == 0 {
		return errors.Join(terminal.Print(p.Stderr, b.String()), errors.New("the database contains no usable file"))
	}
	loaded, err := provider.Load(provider.LoadConfig{
		Builtin: provider.Source{Name: "built-in providers.yaml", Data: p.BuiltinTable},
		Tables:  []provider.Source{{Name: "imported table", Data: text}},
	})
	if err != nil {
		return fmt.Errorf("the new table cannot be loaded; nothing was written: %w", err)
	}
	if notes := loaded.Notes(); len(notes) > 0 {
		fmt.Fprintf(&b, "\nthe built-in table overrides this one:\n%v\n", notes)
	}
	if len(update.Kept) > 0 {
		fmt.Fprintf(&b, "\ngone from the database but kept; --prune removes them:\n  %s\n", strings.Join(update.Kept, ", "))
	}
	if len(update.Unverified) > 0 {
		fmt.Fprintf(&b, "\ntheir servers changed, so they are no longer verified:\n  %s\n", strings.Join(update.Unverified, ", "))
	}
	return terminal.Print(p.Stderr, b.String())
}
