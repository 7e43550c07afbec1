package export

import (
	"fmt"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
)

// Config configures an export.
type Config struct {
	Table *provider.Table
	// PublicURL is the URL of a running server, or of the exported ispdb folder.
	// Zero: files that need it are left out.
	PublicURL document.PublicURL
	// DatabaseOnly leaves the folders of single hosts out. The web server files
	// serve every domain from the database alone, so a table of 100,000 domains
	// needs two files for each instead of a dozen.
	DatabaseOnly bool
	// Force allows a folder with other files. Those stay, unless they have the
	// name of an exported one.
	Force bool
}

// A Summary describes what an export wrote.
type Summary struct {
	// Files is the number of files.
	Files int
	// Hosted is the number of hosted domains, Own that of the mail services' own.
	Hosted, Own int
	// Mapped are the hosted domains in which the table maps logins by address. A
	// file cannot distinguish addresses.
	Mapped []provider.Domain
	// Login are the hosted domains with one login for all, which is in their files.
	Login []provider.Domain
}

// Write exports into dir, which is created if necessary. If a document cannot be
// rendered, it returns an error and writes nothing. The error wraps [ErrForeign]
// if dir contains files but no export.
func Write(dir string, cfg Config) (Summary, error) {
	documents, err := document.NewSet(cfg.Table, cfg.PublicURL)
	if err != nil {
		return Summary{}, err
	}
	stage, err := newStage(dir, cfg.Force)
	if err != nil {
		return Summary{}, err
	}
	defer stage.discard()
	w := writer{cfg: cfg, documents: documents, stage: stage}
	for _, part := range []func() error{w.services, w.hosted, w.rollout, w.guides} {
		if err := part(); err != nil {
			return Summary{}, fmt.Errorf("export: %w", err)
		}
	}
	if err := stage.commit(); err != nil {
		return Summary{}, err
	}
	w.sum.Files = stage.files
	return w.sum, nil
}

// A writer fills a stage with the documents of a table.
type writer struct {
	cfg       Config
	documents *document.Set
	stage     *stage
	sum       Summary
}

// render makes the document of a domain without an address.
func (w *writer) render(m provider.Match, f document.Format) ([]byte, error) {
	doc, err := w.documents.Append(nil, f, m.Account(provider.Address{}))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Domain(), err)
	}
	return doc, nil
}

// A file is to be written at a path, with slashes, below the export's folder.
type file struct {
	path string
	data []byte
}

func (w *writer) write(files ...file) error {
	for _, f := range files {
		if err := w.stage.write(f.path, f.data); err != nil {
			return err
		}
	}
	return nil
}
