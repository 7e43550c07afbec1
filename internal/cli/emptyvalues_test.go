package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// Every flag of every command refuses an empty value: --sign-cert "$CERT" without a CERT
// would serve unsigned profiles, --profiles-for "$LIST" without a LIST export a site.
func TestEmptyValuesAreRefused(t *testing.T) {
	root, seen := program{}.root(), 0
	for _, c := range root.Commands {
		for _, f := range slices.Concat(c.Flags, root.Flags) {
			name := f.Names()[0]
			if name == "help" || name == "version" {
				continue
			}
			seen++
			var stdout, stderr bytes.Buffer
			args := []string{"mailsetup", c.Name, "--" + name + "="}
			status := Main(t.Context(), Config{Args: args, Stdout: &stdout, Stderr: &stderr})
			form, _, _ := strings.Cut(f.String(), "\t")
			want := "mailsetup: --" + name + " has an empty value; write " + form + ", or leave it out\n"
			if status != 2 || stderr.String() != want || stdout.Len() > 0 {
				t.Errorf("%q: status %d, %s%s, want 2, %s", args, status, &stdout, &stderr, want)
			}
		}
	}
	if seen < 80 {
		t.Errorf("only %d flags", seen)
	}
}

// A variable that is set to nothing counts as unset, as compose files need it.
func TestEmptyVariablesAreUnset(t *testing.T) {
	root := program{}.root()
	for _, c := range root.Commands {
		for _, f := range slices.Concat(c.Flags, root.Flags) {
			if name := f.Names()[0]; name != "help" && name != "version" {
				t.Setenv(variableOf(name), "")
			}
		}
	}
	for _, c := range root.Commands {
		for _, f := range c.Flags {
			if err := f.PostParse(); err != nil || f.IsSet() {
				t.Errorf("%s --%s is set by an empty variable (error %v)", c.Name, f.Names()[0], err)
			}
		}
	}
}
