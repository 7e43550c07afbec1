package cli

import (
	"io"

	"mailsetup/internal/terminal"
)

// printDocument writes a document to standard output. Files and programs get it byte for
// byte. A terminal must not interpret it: comments and links in a table may be anybody's
// text.
func (p program) printDocument(doc []byte) error {
	return writeDocument(p.Stdout, doc, isTerminal(p.Stdout))
}

func writeDocument(w io.Writer, doc []byte, toTerminal bool) error {
	if toTerminal {
		return terminal.Print(w, string(doc))
	}
	_, err := w.Write(doc)
	return err
}
