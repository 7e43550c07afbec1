package doctor

import (
	"strings"
	"testing"
)

// A domain that is set up as the documentation says must get a clean bill, or
// nobody believes the doctor when it finds something.
func TestHealthy(t *testing.T) {
	w := newWorld(t)
	r := w.check()
	if r.Exit() != 0 || r.Count(Warning) != 0 || r.Count(Optional) != 0 {
		var b strings.Builder
		r.Text(&b, TextOptions{})
		t.Errorf("exit status %d:\n%s", r.Exit(), &b)
	}
	for _, v := range r.Verdicts {
		if v.Result == Nothing || v.Result == Wrong || v.Result == Undecided {
			t.Errorf("%s %s", v.Client, v.Text)
		}
	}
	if n := r.Count(Pass); n < 15 {
		t.Errorf("only %d things were found good", n)
	}
	for _, v := range r.Verdicts[:4] {
		if v.Result != Configured {
			t.Errorf("%s %s", v.Client, v.Text)
		}
	}
}
