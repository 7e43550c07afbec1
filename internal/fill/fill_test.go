package fill

import (
	"errors"
	"strconv"
	"testing"
)

var escape = Escape{"&apos;", "&quot;"}

func marks(word string) Values { return Values{word, word + "-longer", word + "-b"} }

func TestTemplate(t *testing.T) {
	times := 0
	for _, c := range []struct {
		name   string
		render func(Values) string
		want   string
		fails  bool
	}{
		{"values", func(v Values) string { return "<a>" + v[0] + "</a><b>" + v[1] + v[2] + v[0] + "</b>" }, "<a>x&amp;y</a><b>&lt;&gt;&apos;&quot;x&amp;y</b>", false},
		{"a value at each end", func(v Values) string { return v[0] + "-" + v[2] }, "x&amp;y-&apos;&quot;", false},
		{"none", func(Values) string { return "<a/>" }, "<a/>", false},
		{"empty", func(Values) string { return "" }, "", false},
		{"a mark in the constant text", func(v Values) string { return "mark-first " + v[0] }, "mark-first x&amp;y", false},
		{"every mark in the constant text", func(v Values) string { return "mark-first qz7k-eight vx3w-alpha " + v[0] }, "", true},
		{"more than writing down", func(v Values) string { return v[0][:len(v[0])-1] }, "", true},
		{"another text each time", func(v Values) string { times++; return strconv.Itoa(times) + v[0] }, "", true},
	} {
		tmpl, err := Compile(escape, func(word string) ([]byte, Values, error) {
			m := marks(word)
			return []byte(c.render(m)), m, nil
		})
		if errors.Is(err, ErrMarks) != c.fails {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		values := Values{"x&y", "<>", `'"`}
		if got := string(tmpl.Append(nil, &values)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	broken := errors.New("broken")
	if _, err := Compile(escape, func(string) ([]byte, Values, error) { return nil, Values{}, broken }); !errors.Is(err, broken) {
		t.Errorf("the renderer's error became %v", err)
	}
}

// Different documents have different digests, wherever they differ.
func TestSum(t *testing.T) {
	compile := func(text string) Template {
		tmpl, err := Compile(escape, func(word string) ([]byte, Values, error) {
			m := marks(word)
			return []byte("<a>" + m[0] + m[1] + text + "</a>"), m, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return tmpl
	}
	seen := map[[32]byte]string{}
	for _, text := range []string{"", "x", "y"} {
		tmpl := compile(text)
		for _, v := range []Values{{}, {"a", "b"}, {"ab", ""}, {"", "ab"}, {"a", "b", "not used"}} {
			document := string(tmpl.Append(nil, &v))
			sum := tmpl.Sum(&v)
			if other, ok := seen[sum]; ok && other != document {
				t.Errorf("%q and %q have the same digest", document, other)
			}
			seen[sum] = document
			if again := compile(text); again.Sum(&v) != sum {
				t.Errorf("%q has two digests", document)
			}
		}
	}
	if len(seen) < 12 {
		t.Errorf("%d digests", len(seen))
	}
}
