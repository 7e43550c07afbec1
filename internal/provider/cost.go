package provider

import "bytes"

// yaml.v3 builds a tree of a file before it can be inspected, and a tree takes
// up to 230 times the bytes of its file: [a,a,a,...] of 8 MiB took 963 MB. So the
// cost is estimated from the text first.

const (
	// maxCost is what reading a file may add to the memory in use, in bytes: less
	// than the 256 MiB that docs/table.md promises, by a reserve for what the
	// estimate cannot know, such as when the garbage collector runs.
	maxCost = 224 << 20
	// nodeCost is the cost of a node of the tree, with the garbage from
	// building it, as measured for the texts that TestMemoryOfLoading loads.
	nodeCost = 240
	// byteCost is the cost of a byte of text: it is buffered by the scanner
	// and copied into values.
	byteCost = 8
	// directiveCost allows for some two hundred of them.
	directiveCost = 1 << 20
	// commentNodes is what a comment costs, in nodes.
	commentNodes = 4
)

// estimateCost returns how much memory reading a text as YAML can take at most, in bytes.
func estimateCost(data []byte) int {
	nodes, comments := countAtMost(data)
	// Keys between commas are also in an index for finding repeated ones.
	keys := bytes.Count(data, []byte(","))
	return (nodes+keys+comments*commentNodes)*nodeCost + len(data)*byteCost + directives(data)*directiveCost
}

// directives counts the lines that can be a %TAG. yaml.v3 compares each with all
// others, so a file of them would take minutes.
func directives(data []byte) (n int) {
	for i, c := range data {
		if c == '%' && (i == 0 || data[i-1] != ' ' && blankAt(data, i-1) || data[i-1] >= 0x80) {
			n++
		}
	}
	return n
}

// countAtMost returns how many nodes and comments a YAML text can have at most,
// without parsing it. Two scalars never follow each other without an indicator
// between them (YAML 1.2, chapter 5.3), and every node has one. So each
// indicator counts for the nodes that it can begin, wherever it occurs, even in
// quotation marks and comments. FuzzCountAtMost compares with yaml.v3.
func countAtMost(data []byte) (nodes, comments int) {
	nodes = 2 // the document and its root
	for i, c := range data {
		switch c {
		case ':': // the mapping that it begins, a key, a value
			nodes += 3
		case '?':
			nodes += 3
		case '{': // the mapping, a key, a value
			nodes += 3
		case '[': // the list, an item
			nodes += 2
		case ',': // an item, or a key without a value, which is null
			nodes += 2
		case '-':
			if blankAt(data, i+1) { // the list, an item
				nodes += 2
			}
		case '#':
			comments++
		}
	}
	return nodes, comments
}

// blankAt reports whether a blank, a line break or the end can be at a position.
// Those beyond ASCII begin with one of two bytes.
func blankAt(data []byte, i int) bool {
	if i >= len(data) {
		return true
	}
	switch data[i] {
	case ' ', '\t', '\n', '\r', 0, 0xc2, 0xe2:
		return true
	}
	return false
}
