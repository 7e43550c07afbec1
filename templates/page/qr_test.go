package page

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"rsc.io/qr"
)

// TestQR draws the path module by module and compares it with the code. Cameras
// do not recognise a code with a wrong module or a thin margin.
func TestQR(t *testing.T) {
	for _, text := range []string{"A", "https://setup.example.com" + path, strings.Repeat("x", 2900)} {
		svg, err := QR(text)
		if err != nil {
			t.Fatal(err)
		}
		code, err := qr.Encode(text, qr.L)
		if err != nil {
			t.Fatal(err)
		}
		side := code.Size + 8
		if box := `viewBox="0 0 ` + strconv.Itoa(side) + " " + strconv.Itoa(side) + `"`; !strings.Contains(string(svg), box) {
			t.Fatalf("no %s in %.120s", box, svg)
		}
		dark := drawn(t, string(svg))
		for y := range side {
			for x := range side {
				want := code.Black(x-4, y-4) // false outside the code: the quiet zone
				if dark[[2]int{x, y}] != want {
					t.Fatalf("%.20s…: module %d,%d is dark: %v, want %v", text, x, y, !want, want)
				}
			}
		}
	}
	if _, err := QR(strings.Repeat("x", 3000)); err == nil {
		t.Error("a text that is too long for a code gives one")
	}
}

var (
	strokes = regexp.MustCompile(`stroke="#000" d="([^"]*)"`)
	step    = regexp.MustCompile(`(M)(\d+) (\d+)\.5|(m)(\d+) 0|(h)(\d+)`)
)

func drawn(t *testing.T, svg string) map[[2]int]bool {
	t.Helper()
	m := strokes.FindStringSubmatch(svg)
	if m == nil {
		t.Fatal("no path")
	}
	if rest := step.ReplaceAllString(m[1], ""); rest != "" {
		t.Fatalf("unexpected path data %q", rest)
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	dark := map[[2]int]bool{}
	x, y := 0, 0
	for _, s := range step.FindAllStringSubmatch(m[1], -1) {
		switch {
		case s[1] != "":
			x, y = number(s[2]), number(s[3])
		case s[4] != "":
			x += number(s[5])
		case s[6] != "":
			for range number(s[7]) {
				dark[[2]int{x, y}] = true
				x++
			}
		}
	}
	return dark
}
