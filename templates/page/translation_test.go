package page

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/language"
)

// A wording is the content of one definition in a text file.
type wording struct {
	values  map[string]bool // fields, other definitions and links that it uses
	phrases []string        // visible text, without filled-in values
}

// wordings reads the definitions of a file.
func wordings(t testing.TB, file string) map[string]wording {
	t.Helper()
	data, err := templates.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	trees := map[string]*parse.Tree{}
	tree := parse.New(file)
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(string(data), "", "", trees); err != nil {
		t.Fatal(err)
	}
	found := map[string]wording{}
	for name, tree := range trees {
		if name == file {
			if rest := strings.TrimSpace(tree.Root.String()); rest != "" {
				t.Errorf("%s has text outside of definitions: %.80q", file, rest)
			}
			continue
		}
		w := wording{values: map[string]bool{}}
		w.read(tree.Root)
		found[name] = w
	}
	return found
}

var links = regexp.MustCompile(`href="[^"]*"?`)

func (w *wording) read(node parse.Node) {
	branch := func(b *parse.BranchNode) {
		w.read(b.Pipe)
		w.read(b.List)
		if b.ElseList != nil {
			w.read(b.ElseList)
		}
	}
	switch n := node.(type) {
	case *parse.ListNode:
		for _, item := range n.Nodes {
			w.read(item)
		}
	case *parse.TextNode:
		text := string(n.Text)
		for _, link := range links.FindAllString(text, -1) {
			w.values[link] = true
		}
		if text = strings.Join(strings.Fields(tags.ReplaceAllString(text, " ")), " "); text != "" {
			w.phrases = append(w.phrases, text)
		}
	case *parse.ActionNode:
		w.read(n.Pipe)
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.TemplateNode:
		w.values["template "+n.Name] = true
		if n.Pipe != nil {
			w.read(n.Pipe)
		}
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			w.read(c)
		}
	case *parse.CommandNode:
		for _, arg := range n.Args {
			w.read(arg)
		}
	case *parse.FieldNode, *parse.VariableNode, *parse.StringNode, *parse.DotNode:
		w.values[n.String()] = true
	}
}

// englishNames are phrases of more than three words that are the same in every language.
var englishNames = []string{}

// TestTranslations: every language has the same definitions as English, each with the same
// values and without leftover English. Otherwise the first person to open the page would
// find the gap.
func TestTranslations(t *testing.T) {
	english := wordings(t, textFile(language.English))
	phrases := map[string]bool{}
	for _, w := range english {
		for _, phrase := range w.phrases {
			phrases[phrase] = true
		}
	}
	for _, l := range Languages()[1:] {
		t.Run(l.String(), func(t *testing.T) {
			got := wordings(t, textFile(l))
			if diff := cmp.Diff(slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(got))); diff != "" {
				t.Fatalf("definitions (-English +this):\n%s", diff)
			}
			for name, w := range got {
				want := english[name]
				if diff := cmp.Diff(want.values, w.values); diff != "" {
					t.Errorf("%s has different values (-English +this):\n%s", name, diff)
				}
				if len(want.phrases) > 0 && len(w.phrases) == 0 {
					t.Errorf("%s has no words", name)
				}
				for _, phrase := range w.phrases {
					if phrases[phrase] && len(strings.Fields(phrase)) > 3 && !slices.Contains(englishNames, phrase) {
						t.Errorf("%s is English: %q", name, phrase)
					}
				}
			}
			data, err := templates.ReadFile(textFile(l))
			if err != nil {
				t.Fatal(err)
			}
			head, _, _ := strings.Cut(string(data), "*/}}")
			if !strings.HasPrefix(head, "{{/*") || !strings.Contains(head, "Drafted by machine") && !strings.Contains(head, "Signed off by") {
				t.Error("its head does not say who is responsible for the text: see CONTRIBUTING.md")
			}
		})
	}
}

// TestTexts: the texts define the names that the layout uses, and no others.
func TestTexts(t *testing.T) {
	layout, err := fs.Glob(templates, "layout/*.html")
	if err != nil || len(layout) == 0 {
		t.Fatal("no layout", err)
	}
	english := wordings(t, textFile(language.English))
	used := map[string]bool{}
	use := func(w wording) {
		for value := range w.values {
			if name, ok := strings.CutPrefix(value, "template "); ok && strings.HasPrefix(name, "text/") {
				used[name] = true
			}
		}
	}
	for _, file := range layout {
		for _, w := range wordings(t, file) {
			use(w)
		}
	}
	for _, w := range english {
		use(w)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(english))); diff != "" {
		t.Errorf("text/en.html (-used +defined):\n%s", diff)
	}
}
