package provider

// A Layer says whose word counts where tables contradict each other: that of the
// highest. Facts that a database of strangers has never replace what the program knows
// with its sources, and operators have the last word.
type Layer uint8

const (
	// LayerImported is a table that was made from a public database. It says so in its
	// head, with imported:.
	LayerImported Layer = iota + 1
	// LayerBuiltin is the table that the program carries.
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
