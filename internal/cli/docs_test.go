package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/cli"
	"mailsetup/internal/provider/providertest"
)

func readDoc(t *testing.T, name ...string) string {
	t.Helper()
	data, err := os.ReadFile(docPath(name...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func docPath(name ...string) string { return filepath.Join(append([]string{"..", ".."}, name...)...) }

// Operators read the flags in docs/running.md, so it must match the program.
func TestDocsHoldTheHelp(t *testing.T) {
	var help, stderr bytes.Buffer
	status := cli.Main(t.Context(), cli.Config{
		Args: []string{"mailsetup", "serve", "--help"}, Stdout: &help, Stderr: &stderr,
	})
	if status != 0 || stderr.Len() > 0 {
		t.Fatalf("status %d: %s", status, &stderr)
	}
	before := readDoc(t, "docs", "running.md")
	block := regexp.MustCompile("(?s)(```text\n\\$ mailsetup serve --help\n)(.*?)(```\n)")
	if !block.MatchString(before) {
		t.Fatal("docs/running.md has no block that begins with $ mailsetup serve --help")
	}
	after := block.ReplaceAllStringFunc(before, func(found string) string {
		part := block.FindStringSubmatch(found)
		return part[1] + help.String() + part[3]
	})
	if *update {
		if err := os.WriteFile(docPath("docs", "running.md"), []byte(after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(after, before); diff != "" {
		t.Errorf("docs/running.md differs from the help (-want +got):\n%s", diff)
	}
}

// A table that somebody copies from the docs must load.
func TestDocsHoldTablesThatLoad(t *testing.T) {
	for _, name := range [][]string{{"README.md"}, {"docs", "table.md"}} {
		blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(unindent(readDoc(t, name...)), -1)
		if len(blocks) < 2 {
			t.Errorf("%v: only %d tables were found", name, len(blocks))
		}
		for _, block := range blocks {
			t.Run(name[len(name)-1], func(t *testing.T) {
				t.Log(block[1])
				providertest.Table(t, block[1])
			})
		}
	}
}

// unindent moves blocks in lists to the margin.
func unindent(doc string) string {
	return regexp.MustCompile("(?ms)^( +)```yaml\n.*?^ +```$").ReplaceAllStringFunc(doc, func(block string) string {
		margin := block[:len(block)-len(strings.TrimLeft(block, " "))]
		return strings.ReplaceAll("\n"+block, "\n"+margin, "\n")
	})
}

// Every key that a table may have is explained.
func TestDocsExplainEveryKey(t *testing.T) {
	var schema any
	if err := json.Unmarshal([]byte(readDoc(t, "providers.schema.json")), &schema); err != nil {
		t.Fatal(err)
	}
	keys := propertyNames(schema)
	if len(keys) < 30 {
		t.Fatalf("the schema has only the keys %q", keys)
	}
	doc := readDoc(t, "docs", "table.md")
	for _, key := range keys {
		if key == "icloud" {
			continue // the id of a service
		}
		if !regexp.MustCompile("`" + key + "`|\n *" + key + ":").MatchString(doc) {
			t.Errorf("docs/table.md does not explain %s", key)
		}
	}
}

// propertyNames returns the keys of every "properties" in a JSON Schema.
func propertyNames(node any) []string {
	var names []string
	switch node := node.(type) {
	case map[string]any:
		if properties, ok := node["properties"].(map[string]any); ok {
			for name := range properties {
				names = append(names, name)
			}
		}
		for _, child := range node {
			names = append(names, propertyNames(child)...)
		}
	case []any:
		for _, child := range node {
			names = append(names, propertyNames(child)...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
