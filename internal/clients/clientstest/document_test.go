package clientstest

import (
	"bytes"
	"testing"

	"mailsetup/internal/clients"
)

// A document that has lost its fault tests nothing, and with two of one name, one
// cannot be found.
func TestDocuments(t *testing.T) {
	names, count := map[string]bool{}, map[clients.Format]int{}
	good := map[clients.Format]clients.Answer{}
	for _, d := range All() {
		if names[d.String()] {
			t.Errorf("%s: the name is taken", d)
		}
		names[d.String()] = true
		g, ok := good[d.Format]
		if !ok {
			good[d.Format] = d.Answer
		} else if bytes.Equal(g.Body, d.Body) && g.Status == d.Status && g.ContentType == d.ContentType {
			t.Errorf("%s: nothing is odd about it", d)
		}
		count[d.Format]++
	}
	if count[clients.Autoconfig] < 150 || count[clients.Autodiscover] < 50 {
		t.Errorf("there are only %v documents", count)
	}
	t.Log(count)
}
