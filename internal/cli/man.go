package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v3"
)

// The manual page is generated from the help texts of all commands. It is written here
// because the cli library's module for this generates Markdown first, in which *, _ and <
// are markup.

func (p program) manCommand() *cli.Command {
	return &cli.Command{
		Name:     "man",
		Usage:    "print the manual page",
		Metadata: map[string]any{withoutTable: true},
		Description: `Prints mailsetup(1) for man:

  mailsetup man > mailsetup.1
  man ./mailsetup.1

Its date is that of the source code, or SOURCE_DATE_EPOCH if that is set.`,
		Action: func(_ context.Context, cmd *cli.Command) error {
			if err := wantArgs(cmd, 0, 0); err != nil {
				return err
			}
			date, err := sourceDate()
			if err != nil {
				return err
			}
			return p.printDocument(manPage(cmd.Root(), date))
		},
	}
}

// sourceDate returns the day of the commit that the program is built from; zero if it was
// built without a repository. SOURCE_DATE_EPOCH, in seconds since 1970, is what package
// builders set (reproducible-builds.org).
func sourceDate() (time.Time, error) {
	if text := os.Getenv("SOURCE_DATE_EPOCH"); text != "" {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return time.Time{}, usagef("SOURCE_DATE_EPOCH: %q is not a number of seconds", text)
		}
		return time.Unix(seconds, 0).UTC(), nil
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.time" {
				return time.Parse(time.RFC3339, s.Value)
			}
		}
	}
	return time.Time{}, nil
}

// manPage writes the page in the man macros, man(7).
func manPage(root *cli.Command, date time.Time) []byte {
	w := &roff{}
	day := ""
	if !date.IsZero() {
		day = date.Format(time.DateOnly)
	}
	w.line(fmt.Sprintf(`.TH MAILSETUP 1 "%s" "mailsetup %s" "User Commands"`, day, roffText(root.Version)))
	w.request("SH", "NAME")
	w.line(roffText(root.Name) + ` \- ` + roffText(root.Usage))
	w.request("SH", "SYNOPSIS")
	w.line(`\fBmailsetup\fR [\fICOMMAND\fR] [\fIFLAGS\fR]`)
	w.request("SH", "DESCRIPTION")
	w.text("Without a command, mailsetup serves. Each command takes the flags listed for it, and those of every command, before or after its arguments.")
	w.request("SH", "COMMANDS")
	for _, c := range root.VisibleCommands() {
		if c.Name == "help" {
			continue
		}
		w.request("SS", strings.TrimSpace(root.Name+" "+c.Name+" "+c.ArgsUsage))
		w.text(sentence(c.Usage) + "\n\n" + c.Description)
		w.flags(c.VisibleFlags())
	}
	w.request("SH", "FLAGS OF EVERY COMMAND")
	w.flags(root.VisibleFlags())
	w.request("SH", "ENVIRONMENT")
	w.text("Each flag is also a variable, in capitals and with underscores: --public-url is MAILSETUP_PUBLIC_URL. A flag wins over its variable. A repeatable flag's variable is a list with commas.")
	w.request("SH", "EXIT STATUS")
	w.text("0 for success, 1 for a failure, and 2 for a command line that could not be understood. Commands with a further status say so above.")
	return w.Bytes()
}

// sentence turns the usage text of a command into a sentence.
func sentence(usage string) string { return strings.ToUpper(usage[:1]) + usage[1:] + "." }

// roff is a page under construction.
type roff struct{ bytes.Buffer }

func (w *roff) line(text string) { w.WriteString(text + "\n") }

// request writes a macro with its arguments.
func (w *roff) request(name string, args ...string) {
	w.WriteString("." + name)
	for _, a := range args {
		fmt.Fprintf(w, ` "%s"`, strings.ReplaceAll(roffText(a), `"`, `\(dq`))
	}
	w.WriteString("\n")
}

// text writes paragraphs with an empty line between two. Indented ones are written
// unchanged.
func (w *roff) text(text string) {
	for i, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			w.request("PP")
		}
		asIs := strings.HasPrefix(paragraph, "  ")
		if asIs {
			w.request("nf")
		}
		for line := range strings.SplitSeq(paragraph, "\n") {
			w.line(roffText(line))
		}
		if asIs {
			w.request("fi")
		}
	}
}

// flags writes a list of flags by their help, which has a tab after flag and value.
func (w *roff) flags(flags []cli.Flag) {
	for _, f := range flags {
		syntax, usage, _ := strings.Cut(f.String(), "\t")
		if f.Names()[0] == "help" {
			syntax, usage = "--help, -h", "show help"
		}
		w.request("TP")
		w.line(`\fB` + roffText(syntax) + `\fR`)
		w.line(roffText(usage))
	}
}

// roffText escapes what roff would interpret: a hyphen must stay one when copied, and a
// line must not begin with a control character.
func roffText(text string) string {
	text = strings.NewReplacer(`\`, `\e`, `-`, `\-`, `'`, `\(aq`, "`", `\(ga`, `^`, `\(ha`, `~`, `\(ti`).Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}
