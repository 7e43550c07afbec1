package cli

import (
	"bytes"
	"strings"
	"testing"
)

// A file name or a flag can come out of somebody else's archive or script; an error
// must not hand its escapes on to the terminal.
func TestErrorsAreSafeToPrint(t *testing.T) {
	const nasty = "a\x1b]0;owned\x07\u202egnp\u009b2J"
	for _, args := range [][]string{
		{"check", "--providers", nasty},
		{"check", nasty},
		{"check", "--" + nasty},
		{"--" + nasty},
		{nasty},
		{"help", nasty},
		{"check", "--domain", nasty},
		{"doctor", nasty},
		{"doctor", "example.com", "--ca", nasty},
		{"doctor", "example.com", "--resolver", nasty},
		{"render", nasty, nasty},
		{"dns", nasty},
		{"export", nasty},
		{"table", nasty},
		{"healthcheck", "--admin-listen", nasty},
		{"serve", "--listen", nasty},
		{"serve", "--public-url", nasty},
	} {
		var out, errs bytes.Buffer
		Main(t.Context(), Config{Args: append([]string{"mailsetup"}, args...), Stdout: &out, Stderr: &errs})
		if got := out.String() + errs.String(); strings.ContainsAny(got, "\x1b\x07\u202e\u009b") || errs.Len() == 0 {
			t.Errorf("%q prints %q", args, got)
		}
	}
}
