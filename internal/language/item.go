package language

// An Item is one of several names within a sentence, as in "a, b or c". The word before
// it depends on the language.
type Item struct {
	Name        string
	First, Last bool
}

// Items returns the items of a sentence.
func Items[T any](all []T, name func(T) string) []Item {
	items := make([]Item, len(all))
	for i, one := range all {
		items[i] = Item{Name: name(one), First: i == 0, Last: i == len(all)-1}
	}
	return items
}
