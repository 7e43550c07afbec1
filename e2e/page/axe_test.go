package page

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/emulation"
)

// axeSource is the accessibility checker, https://github.com/dequelabs/axe-core.
var axeSource = sync.OnceValues(func() ([]byte, error) {
	return os.ReadFile("../node_modules/axe-core/axe.min.js")
})

// finding is a rule that a page breaks.
type finding struct {
	ID    string
	Help  string
	Nodes []struct {
		HTML           string
		FailureSummary string
	}
}

func (f finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", f.ID, f.Help)
	for _, n := range f.Nodes {
		fmt.Fprintf(&b, "\n  %s\n    %s", n.HTML, n.FailureSummary)
	}
	return b.String()
}

// runAxe runs every rule of WCAG 2.0 to 2.2, A and AA, and axe-core's own best
// practices. It does not load stylesheets itself: the pages' policy would
// rightly block that.
const runAxe = `axe.run(document, {
	runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
	resultTypes: ['violations', 'incomplete'],
	preload: false,
	// The numbers of steps are drawn next to the text, not behind it.
	checks: {'color-contrast': {options: {ignorePseudo: true}}},
}).then(r => ({
	Violations: r.violations.concat(r.incomplete).map(v => ({
		ID: v.id, Help: v.help, Nodes: v.nodes.map(n => ({HTML: n.html, FailureSummary: n.failureSummary})),
	})),
	Passes: r.passes.length,
}))`

// checkAccessible opens all folds and fails if axe-core finds anything.
func (b *tab) checkAccessible() {
	b.Helper()
	source, err := axeSource()
	need(b.TB, "axe-core is missing (npm ci --prefix e2e)", err)
	// The page was loaded without script, but axe-core itself needs it.
	b.do(command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{}))
	defer b.do(command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: b.noScript}))
	eval[any](b, `document.querySelectorAll('details').forEach(d => d.open = true)`)
	eval[any](b, string(source)+`;null`)
	found := eval[struct {
		Violations []finding
		Passes     int
	}](b, runAxe)
	for _, f := range found.Violations {
		b.Errorf("at %s: %s", b.path(), f)
	}
	if found.Passes < 10 {
		b.Errorf("axe-core is blind: only %d rules passed", found.Passes)
	}
}
