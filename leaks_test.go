package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLeaksAreLookedFor: the tests of a package that starts goroutines fail if one is left
// behind. bench and e2e are exempt, because their programs end.
func TestLeaksAreLookedFor(t *testing.T) {
	var starting []string
	for _, imp := range imports(t) {
		if strings.HasPrefix(imp.from, "bench") || strings.HasPrefix(imp.from, "e2e") || slices.Contains(starting, imp.from) {
			continue
		}
		if startsGoroutines(t, imp.file) {
			starting = append(starting, imp.from)
		}
	}
	if len(starting) < 5 {
		t.Fatalf("only %q start goroutines", starting)
	}
	for _, folder := range starting {
		tests, err := filepath.Glob(path.Join(folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(tests, func(file string) bool { return importsGoleak(t, file) }) {
			t.Errorf("%s starts goroutines: call goleak.VerifyTestMain in its tests, as server/main_test.go does", folder)
		}
	}
}

// startsGoroutines reports whether a file has a go statement, or calls the method Go of a
// sync.WaitGroup.
func startsGoroutines(t *testing.T, file string) (starts bool) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			starts = true
		case *ast.CallExpr:
			if method, ok := n.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "Go" {
				starts = true
			}
		}
		return !starts
	})
	return starts
}

func importsGoleak(t *testing.T, file string) bool {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(parsed.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"go.uber.org/goleak"` })
}
