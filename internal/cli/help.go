package cli

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v3"
)

// The library's own help repeats each flag's variable after its text, which makes lines of
// 120 columns. Ours states the rule once and fits into 80.

const rootHelp = `mailsetup {{.Usage}}.

Usage:
  mailsetup [COMMAND] [FLAGS]

Commands:
{{- range .VisibleCommands}}{{if ne .Name "help"}}
  {{.Name}}{{"\t"}}{{.Usage}}{{end}}{{end}}

Flags of every command that reads a table, before or after its arguments:
{{- range .VisibleFlags}}
  {{.}}{{end}}

Flags are also environment variables: --public-url is MAILSETUP_PUBLIC_URL.
'mailsetup COMMAND --help' explains a command and its own flags.
`

const commandHelp = `{{.FullName}}: {{.Usage}}

Usage:
  {{.FullName}}{{if .ArgsUsage}} {{.ArgsUsage}}{{end}} [FLAGS]
{{if .Description}}
{{.Description}}
{{end}}
Flags:
{{- range .VisibleFlags}}{{if ne (index .Names 0) "help"}}
  {{.}}{{end}}{{end}}
{{- if not .Metadata.withoutTable}}{{range .VisiblePersistentFlags}}
  {{.}}{{end}}{{end}}
  --help, -h{{"\t"}}show help

Flags are also environment variables: --public-url is MAILSETUP_PUBLIC_URL.
`

// A helpWriter remembers that the help or the version could not be written, which the
// library ignores.
type helpWriter struct {
	to  io.Writer
	err error
}

func (w *helpWriter) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

// withoutTable is where the Metadata of a command says that it reads no table, so that
// its help has no flags of one.
const withoutTable = "withoutTable"

// textFlag makes a flag with one value. In the help, value is the placeholder and standard
// the default.
func textFlag(name, value, standard, usage string) *cli.StringFlag {
	f := &cli.StringFlag{Name: name, Value: standard, Usage: usage, Sources: flagVariable(name), OnlyOnce: true}
	if standard != "" {
		usage += fmt.Sprintf(" (default %s)", standard)
	}
	f.SetStringer(func(cli.Flag) string { return fmt.Sprintf("--%s %s\t%s", name, value, usage) })
	return f
}

// listFlag makes a flag that may be given several times. The cli library splits each
// value at commas, in the flag and in its variable, so no value can contain a comma.
func listFlag(name, value, usage string) cli.Flag {
	f := &cli.StringSliceFlag{Name: name, Usage: usage, Sources: flagVariable(name)}
	f.SetStringer(func(cli.Flag) string { return fmt.Sprintf("--%s %s\t%s (repeatable)", name, value, usage) })
	return f
}

// switchFlag makes a flag without a value.
func switchFlag(name, usage string) cli.Flag {
	f := &cli.BoolFlag{Name: name, Usage: usage, Sources: flagVariable(name)}
	f.SetStringer(func(cli.Flag) string { return fmt.Sprintf("--%s\t%s", name, usage) })
	return f
}

// flagVariable returns the environment variable of a flag.
func flagVariable(name string) cli.ValueSourceChain {
	return cli.NewValueSourceChain(filledVariable{cli.EnvVar(variableOf(name))})
}
