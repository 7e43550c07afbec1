package page

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A pair of colours that the stylesheet combines, and the contrast that WCAG
// 2.2 requires: 4.5 for text (1.4.3), 3 for the edges of controls and for focus
// (1.4.11).
var colourPairs = []struct {
	front, back string
	least       float64
}{
	{"ink", "paper", 4.5}, {"ink", "surface", 4.5}, {"ink", "tint", 4.5}, {"ink", "bad-tint", 4.5},
	{"soft", "paper", 4.5}, {"soft", "surface", 4.5}, {"soft", "tint", 4.5},
	{"accent", "paper", 4.5}, {"accent", "surface", 4.5}, {"accent", "tint", 4.5},
	{"on-accent", "accent", 4.5},
	{"bad", "surface", 4.5}, {"bad", "bad-tint", 4.5},
	{"field", "surface", 3}, {"field", "tint", 3},
}

var (
	colourBlock = regexp.MustCompile(`(?s):root \{(.*?)\}`)
	colour      = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)
)

// TestContrast computes every pair in both schemes from the stylesheet itself.
func TestContrast(t *testing.T) {
	css, err := assetFiles.ReadFile("assets/style.css")
	if err != nil {
		t.Fatal(err)
	}
	sheet, print, ok := strings.Cut(string(css), "@media print")
	if !ok {
		t.Fatal("no print block")
	}
	blocks := colourBlock.FindAllStringSubmatch(sheet, -1)
	if len(blocks) != 2 {
		t.Fatalf("%d blocks of colours, want light and dark", len(blocks))
	}
	for i, scheme := range []string{"light", "dark"} {
		colours := map[string]string{}
		for _, m := range colour.FindAllStringSubmatch(blocks[i][1], -1) {
			colours[m[1]] = m[2]
		}
		for _, pair := range colourPairs {
			got := contrast(t, colours[pair.front], colours[pair.back])
			if got < pair.least {
				t.Errorf("%s: %s on %s has contrast %.2f, less than %.1f", scheme, pair.front, pair.back, got, pair.least)
			}
		}
	}
	// A colour outside the blocks would escape this test.
	rest := colourBlock.ReplaceAllString(sheet, "") + colourBlock.ReplaceAllString(print, "")
	if stray := regexp.MustCompile(`#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(`).FindString(rest); stray != "" {
		t.Errorf("the stylesheet has the colour %s outside its variables", stray)
	}
}

// contrast is the contrast ratio of WCAG 2.2.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	if len(hex) != 7 {
		t.Fatalf("unknown colour: %q", hex)
	}
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func TestLuminance(t *testing.T) {
	if got := contrast(t, "#000000", "#ffffff"); math.Abs(got-21) > 0.001 {
		t.Errorf("black on white has contrast %v, want 21", got)
	}
	if got := contrast(t, "#777777", "#ffffff"); math.Abs(got-4.478) > 0.001 {
		t.Errorf("#777 on white has contrast %v, want 4.478", got)
	}
}
