package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
)

// refuseEmpty refuses flags and arguments that are present but empty, such as --sign-cert
// "$CERT" where CERT is not set. Otherwise the command would go on as if the flag had never
// been given, and serve unsigned profiles.
func (p program) refuseEmpty(ctx context.Context, cmd *cli.Command) (context.Context, error) {
	for _, f := range slices.Concat(cmd.Flags, cmd.Root().Flags) {
		switch value := f.Get().(type) {
		case string:
			if f.IsSet() && value == "" {
				return ctx, emptyValue(f)
			}
		case []string:
			if slices.Contains(value, "") {
				return ctx, emptyValue(f)
			}
		case bool: // the library reads --force= as true
			for _, name := range f.Names() {
				if slices.ContainsFunc(p.Args, func(arg string) bool {
					return strings.HasPrefix(arg, "-") && strings.TrimLeft(arg, "-") == name+"="
				}) {
					return ctx, emptyValue(f)
				}
			}
		}
	}
	if slices.Contains(cmd.Args().Slice(), "") {
		usage := strings.TrimSpace(cmd.FullName() + " " + cmd.ArgsUsage)
		return ctx, usagef("an argument is empty; usage: %s", usage)
	}
	return ctx, nil
}

// emptyValue returns the error for a flag with an empty value. The help says what belongs there.
func emptyValue(f cli.Flag) error {
	form, _, _ := strings.Cut(f.String(), "\t")
	return usagef("--%s has an empty value; write %s, or leave it out", f.Names()[0], form)
}

// A filledVariable is an environment variable that counts only if it has a value. Compose
// files set variables that are not meant to exist: MAILSETUP_LOGO: ${LOGO:-}.
type filledVariable struct{ cli.ValueSource }

func (v filledVariable) Lookup() (string, bool) {
	value, found := v.ValueSource.Lookup()
	return value, found && value != ""
}
