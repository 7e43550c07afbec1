package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/export"
	"mailsetup/internal/terminal"
)

func (p program) exportCommand() *cli.Command {
	return &cli.Command{
		Name:      "export",
		Usage:     "write the settings as files: a static site, and files to roll out",
		ArgsUsage: "DIR",
		Description: `Writes into DIR what a server would answer to requests without an address, for a
plain web server, a pages host or a CDN. Also writes files that set up Thunderbird
and Outlook on computers that you manage. README.txt in DIR explains them. The
command lists what only a running server can do.

DIR must be empty or hold an earlier export, which is replaced. --public-url is
the URL of DIR/ispdb or of a running server.

With --profiles-for, DIR gets Apple profiles instead, one for each person in FILE:
an address on each line, and perhaps a name after it; or CSV with a header, whose
columns are called address, login and name. DIR must be new or empty. --sign-cert
and --sign-key sign these profiles; those of a site stay unsigned.`,
		Flags: []cli.Flag{
			switchFlag("ispdb-only", "no folders for single hosts, for large tables"),
			switchFlag("large", "export more than 10,000 domains"),
			switchFlag("force", "allow other files in DIR, and leave them alone"),
			textFlag("profiles-for", "FILE", "", "write personal profiles for a list of people"),
			textFlag("sign-cert", "FILE", "", "sign profiles: certificate chain, PEM"),
			textFlag("sign-key", "FILE", "", "sign profiles: private key, PEM"),
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if err := wantArgs(cmd, 1, 1); err != nil {
				return err
			}
			dir := cmd.Args().First()
			public, err := publicURL(cmd)
			if err != nil {
				return err
			}
			table, err := p.tableSource(cmd).Load()
			if err != nil {
				return err
			}
			cfg := export.Config{
				Table:        table,
				PublicURL:    public,
				DatabaseOnly: cmd.Bool("ispdb-only"),
				Force:        cmd.Bool("force"),
			}
			if list := cmd.String("profiles-for"); list != "" {
				if cfg.DatabaseOnly || cfg.Force || cmd.Bool("large") {
					return usagef("--profiles-for: --ispdb-only, --large and --force are for the site")
				}
				return p.exportProfiles(ctx, cmd, dir, list, cfg)
			}
			if table.HostedCount() > largeExport && !cmd.Bool("large") {
				return tooLarge(cfg)
			}
			summary, err := export.Write(dir, cfg)
			if errors.Is(err, export.ErrForeign) {
				return fmt.Errorf("%w, or add --force to write the export next to the files already there", err)
			}
			if err != nil {
				return err
			}
			tellExport(p.Stdout, dir, summary, public.IsZero())
			return nil
		},
	}
}

// largeExport is how many domains are exported without --large.
const largeExport = 10_000

// tooLarge says how large an export would be, and what to do.
func tooLarge(cfg export.Config) error {
	files, size := export.Estimate(cfg)
	advice := "add --large to write them"
	if !cfg.DatabaseOnly {
		advice += ", or --ispdb-only for two files per domain"
	}
	return fmt.Errorf("the export of %s would take about %s and %d MB on disk; %s",
		plural(cfg.Table.HostedCount(), "domain"), plural(files, "file"), size/1_000_000, advice)
}

// tellExport reports what was written, what is missing and why.
func tellExport(w io.Writer, dir string, s export.Summary, noURL bool) {
	fmt.Fprintf(w, "wrote %[2]s to %[1]s: %[3]s of mail services and %[4]s of your own; README.txt explains them\n",
		terminal.Line(dir), plural(s.Files, "file"), plural(s.Own, "domain"), plural(s.Hosted, "domain"))
	if n := len(s.Mapped); n > 0 {
		fmt.Fprintf(w, "logins of single addresses are not included; people there get the full address: %s\n",
			strings.Join(names(s.Mapped), ", "))
	}
	if n := len(s.Login); n > 0 {
		fmt.Fprintf(w, "anyone can read the login of %s: %s\n",
			plural(n, "domain"), strings.Join(names(s.Login), ", "))
	}
	if noURL {
		fmt.Fprintln(w, "not written without --public-url: policies.json for Thunderbird and autodiscoverv1.json")
	}
	fmt.Fprintln(w, "a running server is still needed for: Outlook (it sends POST), personal and signed profiles, the page for people")
}
