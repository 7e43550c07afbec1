package spelling

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestHint(t *testing.T) {
	known := []string{"port", "host", "security", "username", "auth", "note"}
	for word, want := range map[string]string{
		"prot": "port", "Port": "port", "ports": "port", "hots": "host", "usrename": "username", "user_name": "username", "sekurity": "security", "nte": "note", "securityy": "security",
		"colour": "", "x": "", "": "", "pop3": "", "socketType": "", strings.Repeat("port", 1000): "",
	} {
		hint := ""
		if want != "" {
			hint = fmt.Sprintf(" (did you mean %q?)", want)
		}
		if got := Hint(word, known); got != hint {
			t.Errorf("%.20q: got %q, want %q", word, got, hint)
		}
	}
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"ab", "ba", 1}, {"abc", "abd", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3}} {
		if got := distance(tt.a, tt.b, math.MaxInt); got != tt.want {
			t.Errorf("%q to %q takes %d steps, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
