package provider

// A Layer decides which table wins if tables contradict each other: that of the
// highest layer. Facts from a public database never replace the program's own, which
// have sources, and operators have the last word.
type Layer uint8

const (
	// LayerImported is a table that was made from a public database. It says so with
	// the key imported:.
	LayerImported Layer = iota + 1
	// LayerBuiltin is the table built into the program.
	LayerBuiltin
	// LayerOwn is an operator's own table, flag or list.
	LayerOwn
)

// String returns the word for the layer.
func (l Layer) String() string {
	switch l {
	case LayerImported:
		return "imported"
	case LayerBuiltin:
		return "built-in"
	case LayerOwn:
		return "own"
	}
	return "invalid layer"
}
