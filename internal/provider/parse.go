package provider

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

const (
	// MaxSource is the maximum size of a table, in bytes.
	MaxSource = 8 << 20
	// BulkAdvice is for operators with more domains than fit.
	BulkAdvice = "list domains in bulk in a plain file, with --domains-file"
	// maxDepth is more than twice the depth that a table needs.
	maxDepth = 16
)

// A source is one of the texts that make a table.
type source struct {
	name  string
	order int // in which mistakes are reported
	layer Layer
	data  []byte
}

// parse turns a source into the root of its only document, or reports why there
// is no document and returns the zero value. Everything that YAML can do beyond
// mappings, lists and plain values is refused: people read a table, and should not
// have to follow an alias to find out where mail goes.
func (f *findings) parse(src *source) value {
	if len(src.data) > MaxSource {
		f.add(src, 0, 0, "", "the file is larger than %d MiB; %s", MaxSource>>20, BulkAdvice)
		return value{}
	}
	if at, problem := firstBadByte(src.data); problem != "" {
		line, column := position(src.data, at)
		f.add(src, line, column, "", "%s", problem)
		return value{}
	}
	if estimateCost(src.data) > maxCost {
		f.add(src, 0, 0, "", "the file would take more than 256 MiB of memory as YAML; %s", BulkAdvice)
		return value{}
	}
	dec := yaml.NewDecoder(bytes.NewReader(src.data))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case err == io.EOF:
		f.add(src, 0, 0, "", "the file is empty; a table needs providers: or domains:")
		return value{}
	case err != nil:
		f.addSyntaxError(src, err)
		return value{}
	}
	root := doc.Content[0]
	switch err := dec.Decode(&second); {
	case err == nil:
		f.add(src, second.Line, second.Column, "", "a second document begins here; a table is one document, so remove the --- line")
	case !errors.Is(err, io.EOF):
		f.addSyntaxError(src, err)
		return value{}
	}
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		f.add(src, 0, 0, "", "the file is empty; a table needs providers: or domains:")
		return value{}
	}
	// Comments before the first entry belong to the document in yaml.v3.
	root.HeadComment = strings.TrimRight(doc.HeadComment+"\n\n"+root.HeadComment, "\n")
	f.inspect(src, root, nil, 0)
	return value{src: src, node: root}
}

// firstBadByte finds characters that YAML does not allow. yaml.v3 refuses them
// too, but does not say where.
func firstBadByte(data []byte) (at int, problem string) {
	for i := 0; i < len(data); {
		c := data[i]
		if c >= ' ' && c < 0x7f || c == '\n' || c == '\t' || c == '\r' {
			i++
			continue
		}
		r, n := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			return i, "this is not UTF-8; save the file as UTF-8"
		case r < ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 && r != 0x85 || r == 0xfffe || r == 0xffff:
			return i, "control character (" + strconv.QuoteRuneToASCII(r) + "); remove it"
		}
		i += n
	}
	return 0, ""
}

func position(data []byte, at int) (line, column int) {
	before := data[:at]
	return 1 + bytes.Count(before, []byte("\n")), 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
}

var (
	yamlLine    = regexp.MustCompile(`^yaml: line (\d+): `)
	yamlAnchor  = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
	parserError = regexp.MustCompile(`^did not find expected (key|node content|'-' indicator|',' or '[]}]'|<document start>)`)
)

// addSyntaxError reports an error of yaml.v3 in our own form.
func (f *findings) addSyntaxError(src *source, err error) {
	text, line := err.Error(), 1
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
	}
	text = strings.TrimPrefix(yamlLine.ReplaceAllString(text, ""), "yaml: ")
	if parserError.MatchString(text) && yamlLine.MatchString(err.Error()) {
		line++ // yaml.v3 counts from 0 in the errors of its parser, from 1 in those of its scanner
	}
	if m := yamlAnchor.FindStringSubmatch(text); m != nil {
		at := max(0, bytes.Index(src.data, []byte("*"+m[1])))
		line, column := position(src.data, at)
		f.add(src, line, column, "", noAliases)
		return
	}
	if indentedByTab(src.data, line) {
		text = "the line starts with a tab; YAML allows only spaces there"
	} else if plain, ok := plainWords[text]; ok {
		text = plain
	}
	f.add(src, line, 0, "", "invalid YAML: %s (check around this line)", text)
}

// plainWords says what the common errors of yaml.v3 usually mean.
var plainWords = map[string]string{
	"mapping values are not allowed in this context": "an unexpected colon; put a value that contains one in quotes",
	"found character that cannot start any token":    "a value begins with a special character of YAML; put it in quotes",
	"found unexpected end of stream":                 "a quotation mark is never closed",
	"did not find expected key":                      "the lines of one block are indented differently",
	"did not find expected '-' indicator":            "the lines of one list are indented differently",
	"did not find expected ',' or ']'":               "a [ is never closed",
	"did not find expected ',' or '}'":               "a { is never closed",
}

func indentedByTab(data []byte, line int) bool {
	for range line - 1 {
		_, data, _ = bytes.Cut(data, []byte("\n"))
	}
	return bytes.HasPrefix(bytes.TrimLeft(data, " "), []byte("\t"))
}

const noAliases = "aliases (*name) are not allowed in a table; write the value out, or put it in quotes if it begins with a *"

// inspect reports what is not allowed anywhere in a table, and removes
// repeated keys so that later steps see each key once.
func (f *findings) inspect(src *source, n *yaml.Node, p *path, depth int) {
	report := func(n *yaml.Node, p *path, format string, args ...any) {
		if f.full() {
			f.total++
			return
		}
		f.add(src, n.Line, n.Column, p.String(), format, args...)
	}
	switch {
	case depth > maxDepth:
		report(n, p, "nested too deeply; the limit is %d levels", maxDepth)
		n.Kind = yaml.AliasNode // keeps the reader from descending
		return
	case n.Kind == yaml.AliasNode:
		report(n, p, noAliases)
		return
	case n.Anchor != "":
		report(n, p, "anchors (&name) are not allowed; remove it, or quote the value if it starts with &")
	}
	if n.Style&yaml.TaggedStyle != 0 {
		report(n, p, "tags (!name) are not allowed; remove it, or quote the value if it starts with !")
		n.Kind = yaml.AliasNode
		return
	}
	switch n.Kind {
	case yaml.ScalarNode:
		if n.ShortTag() == "!!null" {
			report(n, p, "missing value; add one or remove the line")
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			f.inspect(src, item, &path{parent: p, item: i + 1}, depth+1)
		}
	case yaml.MappingNode:
		first := make(map[string]*yaml.Node, len(n.Content)/2)
		kept := n.Content[:0]
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, item := n.Content[i], n.Content[i+1]
			switch {
			case key.Kind != yaml.ScalarNode || key.ShortTag() == "!!null":
				report(key, p, "a key must be a string; put it in quotes")
				continue
			case key.Anchor != "" || key.Style&yaml.TaggedStyle != 0:
				report(key, p, "anchors (&name) and tags (!name) are not allowed; remove it, or put the key in quotes")
			case key.ShortTag() == "!!merge":
				report(key, p, "merge keys (<<) are not allowed; write the entries out")
				continue
			}
			sub := &path{parent: p, key: key.Value}
			if before := first[key.Value]; before != nil {
				report(key, sub, "duplicate key, first used on line %d; keep one", before.Line)
				continue
			}
			first[key.Value] = key
			f.inspect(src, item, sub, depth+1)
			kept = append(kept, key, item)
		}
		n.Content = kept
	}
}
