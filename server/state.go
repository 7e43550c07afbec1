package server

import (
	"fmt"
	"sync"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
	"mailsetup/templates/page"
)

// A state is everything that depends on the table. It never changes, except for its pool
// of buffers.
type state struct {
	table     *provider.Table
	documents *document.Set
	pages     *page.Pages
	forms     forms     // the page with the empty form
	buffers   sync.Pool // of *[]byte, for documents
}

// newState makes the state of a table. A table for which a document cannot be
// generated never goes live.
func newState(t *provider.Table, look pageLook) (*state, error) {
	documents, err := document.NewSet(t, look.publicURL)
	if err != nil {
		return nil, fmt.Errorf("the table cannot be served: %w", err)
	}
	pages, forms, err := newPages(t, look)
	if err != nil {
		return nil, fmt.Errorf("the pages cannot be generated: %w", err)
	}
	st := &state{table: t, documents: documents, pages: pages, forms: forms}
	st.buffers.New = func() any { return new([]byte) }
	return st, nil
}
