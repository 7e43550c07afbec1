package ispdb

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"mailsetup/internal/provider"
)

// A Report is the report of an import.
type Report struct {
	Taken    int // files
	LeftOut  []LeftOut
	Losses   []Loss
	Warnings []Warning
	// Ignored counts the elements that were not read, by their names.
	Ignored map[string]int
}

// LeftOut is a file that was not imported.
type LeftOut struct {
	File string
	// Domains is how many valid ones the file names.
	Domains int
	Why     Reason
	// Detail is the table's own error, with RefusedByTable.
	Detail string
}

// A Loss is a part of an imported file that a table cannot express.
type Loss struct {
	File, What string
	Why        Reason
}

// A Warning is a service whose incoming server is under none of its domains.
type Warning struct {
	File, ID string
	Host     provider.Domain
}

// WriteReport writes the report for people. Parts of it are untrusted text.
func (t *Table) WriteReport(w io.Writer) error {
	var b strings.Builder
	version := ""
	if t.Commit != "" {
		version = " of commit " + t.Commit
	}
	fmt.Fprintf(&b, "%s read%s: %d imported, %d left out\n%s with %s\n", count(t.Files, "file"), version,
		t.Report.Taken, len(t.Report.LeftOut), count(len(t.Providers), "service"), count(t.Domains(), "domain"))
	if t.Commit == "" {
		b.WriteString("the version is unknown; state it with --commit\n")
	}
	t.Report.writeLeftOut(&b)
	if len(t.Report.Losses) > 0 {
		b.WriteString("\nlost from imported files:\n")
	}
	for _, l := range t.Report.Losses {
		fmt.Fprintf(&b, "  %s: %s: %s\n", l.File, l.What, l.Why)
	}
	if len(t.Report.Ignored) > 0 {
		b.WriteString("\nelements of these files that a table cannot express: " + list(t.Report.Ignored) + "\n")
	}
	if len(t.Report.Warnings) > 0 {
		b.WriteString("\nthe incoming server is under none of the file's domains; check that it belongs to the service:\n")
	}
	for _, one := range t.Report.Warnings {
		fmt.Fprintf(&b, "  %s: %s\n", one.File, one.Host)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeLeftOut lists the files by reason, the most frequent first.
func (r Report) writeLeftOut(b *strings.Builder) {
	files := make(map[Reason][]string)
	domains := make(map[Reason]int)
	for _, l := range r.LeftOut {
		name := quoteFile(l.File)
		if l.Detail != "" {
			name += " (" + l.Detail + ")"
		}
		files[l.Why] = append(files[l.Why], name)
		domains[l.Why] += l.Domains
	}
	reasons := slices.SortedFunc(maps.Keys(files), func(x, y Reason) int {
		return cmp.Or(cmp.Compare(len(files[y]), len(files[x])), cmp.Compare(x, y))
	})
	for _, why := range reasons {
		fmt.Fprintf(b, "\nleft out, %s: %s with %s\n", why, count(len(files[why]), "file"), count(domains[why], "domain"))
		for _, name := range files[why] {
			fmt.Fprintf(b, "  %s\n", name)
		}
	}
}

// quoteFile puts a file name in quotes if it is not typical of the database.
func quoteFile(name string) string {
	if _, ok := idOf(name); ok {
		return name
	}
	return quote(name)
}

// list names the most frequent of what was counted.
func list(counts map[string]int) string {
	const maxNames = 20
	names := slices.SortedFunc(maps.Keys(counts), func(x, y string) int {
		return cmp.Or(cmp.Compare(counts[y], counts[x]), strings.Compare(x, y))
	})
	var words []string
	for i, name := range names {
		if i == maxNames {
			words = append(words, fmt.Sprintf("and %d other names", len(names)-i))
			break
		}
		if len(name) > 60 {
			name = name[:60] + "..."
		}
		words = append(words, fmt.Sprintf("%s %d", name, counts[names[i]]))
	}
	return strings.Join(words, ", ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
