package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/spelling"
	"mailsetup/internal/terminal"
)

const variablePrefix = "MAILSETUP_"

// testVariables are read only by the project's own tests.
var testVariables = []string{"E2E", "ISPDB", "BINARY", "THUNDERBIRD", "DELTACHAT", "TEST"}

// warnOfVariables warns of environment variables that look like flags but are not: a
// misspelt name has no effect, and nobody would notice.
func warnOfVariables(w io.Writer, root *cli.Command, environment []string) {
	var known []string
	add := func(flags []cli.Flag) {
		for _, f := range flags {
			known = append(known, variableOf(f.Names()[0]))
		}
	}
	add(root.Flags)
	for _, c := range root.Commands {
		add(c.Flags)
	}
	for _, entry := range environment {
		name, _, _ := strings.Cut(entry, "=")
		rest, ours := strings.CutPrefix(name, variablePrefix)
		if !ours || slices.Contains(known, name) || slices.ContainsFunc(testVariables, func(t string) bool { return rest == t || strings.HasPrefix(rest, t+"_") }) {
			continue
		}
		_ = terminal.Print(w, fmt.Sprintf("mailsetup: unknown environment variable %s is ignored%s\n", name, spelling.Hint(name, known)))
	}
}

// variableOf returns the environment variable of a flag.
func variableOf(flag string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}
