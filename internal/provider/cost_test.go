package provider

import (
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// shapes are the cheapest ways to make yaml.v3 work, as far as they are known.
var shapes = []string{
	"[a,a]", "[,]", "{a,a}", "{,}", "[?,?]", "[? ,? a]", "[:,:]", "[? : ,]", "{? : , ? a : b}", "[[],[]]", "{{},{}}",
	"-\n-\n", "- - - a\n- - a", "- a: b\n- ? c\n", "? a\n? b\n", "? - a\n: - b\n", "?\n?\n:\n", "a:\n- b\n-\nc:\n", ": a\n: b",
	"a: {b: [c, d: e, ? f]}", "[a: b, \"c\":d, 'e':f]", "[\"a\":,\"b\":]", "{\"a\":\"b\",\"c\":}",
	"- !a\n- &b\n- *b\n- !c d", "[!a ,!b ,&c ]", "[&a b,*a,*a]", "a: |\n b\nc: >\n d\n", "#\n\n#\n\na: b #\n#\n", "[a, #\n b, #\n]",
	"---\n- a\n...\n---\nb", "-\u0085-\u2028- a", "- a\r- b\r\n- c", "a\n b\n c", "\"a\n\n b\"", "%YAML 1.1\n--- a", "a: b: c", "<<: *a",
}

// FuzzCountAtMost: no text has more nodes or comments than were counted before
// parsing. Such a text could fill memory.
func FuzzCountAtMost(f *testing.F) {
	for _, s := range shapes {
		f.Add([]byte(s))
		f.Add([]byte(strings.Repeat(s, 3)))
	}
	for _, dir := range []string{"valid", "invalid"} {
		files, err := filepath.Glob(filepath.Join("testdata", dir, "*.yaml"))
		if err != nil || len(files) == 0 {
			f.Fatal("no tables to begin with", err)
		}
		for _, file := range files {
			f.Add(tableFile(f, file)[0].Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var doc yaml.Node
		if yaml.Unmarshal(data, &doc) != nil {
			return // and yaml.v3 stopped at the first error
		}
		nodes, comments := countTree(&doc)
		mostNodes, mostComments := countAtMost(data)
		if nodes > mostNodes || comments > mostComments {
			t.Errorf("%d nodes and %d comments, counted at most %d and %d, in %q", nodes, comments, mostNodes, mostComments, data)
		}
	})
}

func countTree(n *yaml.Node) (nodes, comments int) {
	nodes = 1
	for _, c := range []string{n.HeadComment, n.LineComment, n.FootComment} {
		if c != "" {
			comments++
		}
	}
	for _, c := range n.Content {
		below, with := countTree(c)
		nodes, comments = nodes+below, comments+with
	}
	return nodes, comments
}
