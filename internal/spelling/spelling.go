// Package spelling suggests the word that somebody may have meant by a misspelt one. It
// only suggests: the suggestion is never used automatically.
package spelling

import "fmt"

// Nearest returns the choice with the smallest distance from a word, at most limit; "" if
// there is none.
func Nearest(word string, choices []string, limit int) string {
	best, least := "", limit+1
	for _, c := range choices {
		if d := distance(word, c, least); d < least {
			best, least = c, d
		}
	}
	return best
}

// Hint returns ` (did you mean "x"?)` with the choice closest to a word,
// or "" if none is close.
func Hint(word string, choices []string) string {
	best := Nearest(word, choices, max(1, len(word)/3))
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b (optimal string alignment). It gives up at limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	var before, last, row []int
	for j := range len(b) + 1 {
		last = append(last, j)
	}
	for i := range len(a) {
		row = append(make([]int, 0, len(b)+1), i+1)
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			d := min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			row = append(row, d)
		}
		before, last = last, row
	}
	return last[len(b)]
}
