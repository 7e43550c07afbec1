package cli

import (
	"io"

	"mailsetup/internal/terminal"
)

// printDocument writes a document that a command was asked for. Files and programs get
// it byte for byte. A terminal must not obey what stands in it: comments and links of
// a table are somebody's text.
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
