package export_test

import (
	"testing"

	"mailsetup/internal/export"
	"mailsetup/internal/provider/providertest"
)

// TestEstimate: the estimate before a large export is what the export would write
// for ordinary domains.
func TestEstimate(t *testing.T) {
	const none, two = "", "domains: {example.com: icloud, example.org: icloud}\n"
	for name, change := range map[string]func(*export.Config){
		"all":      func(*export.Config) {},
		"with URL": withURL(t),
		"database": func(cfg *export.Config) { cfg.DatabaseOnly = true },
	} {
		_, without, _ := exportTable(t, none, change)
		_, with, _ := exportTable(t, two, change)
		cfg := export.Config{Table: providertest.Table(t, two)}
		change(&cfg)
		files, disk := export.Estimate(cfg)
		// The folder with computers' files may change by one with the first domain.
		if got := with.Files - without.Files; got < files || got > files+1 {
			t.Errorf("%s: %d files were written, %d estimated", name, got, files)
		}
		if disk != int64(files)*4096 {
			t.Errorf("%s: %d bytes", name, disk)
		}
	}
}
