package provider_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"gopkg.in/yaml.v3"

	"mailsetup/internal/provider/providertest"
)

// TestSchemaAcceptsValid: an editor must not underline a table that loads.
func TestSchemaAcceptsValid(t *testing.T) {
	schema := resolveSchema(t)
	files := append(tables(t, "valid"), filepath.Join("..", "..", "providers.yaml"))
	for _, file := range files {
		t.Run(tableName(file), func(t *testing.T) {
			value, err := jsonValue(readFile(t, file))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestSchemaRefusesInvalid: an editor shows a mistake while it is being made,
// unless the file says that no schema can see it.
func TestSchemaRefusesInvalid(t *testing.T) {
	schema := resolveSchema(t)
	for _, file := range invalidFiles(t) {
		t.Run(tableName(file), func(t *testing.T) {
			data := readFile(t, file)
			value, err := jsonValue(data)
			if err == nil { // else the editor's YAML parser complains
				err = schema.Validate(value)
			}
			switch blind := bytes.Contains(data, []byte(cannotSee)); {
			case err == nil && !blind:
				t.Errorf("the schema accepts it; fix the schema, or mark the file with %q", "# "+cannotSee)
			case err != nil && blind:
				t.Errorf("the schema refuses it (%v); remove the mark", err)
			}
		})
	}
}

// TestSchemaKnowsBuiltins: an operator may change single fields of a built-in
// service, so the schema must know which ids are built in.
func TestSchemaKnowsBuiltins(t *testing.T) {
	var ids []string
	for _, p := range providertest.Table(t, "").Providers() {
		ids = append(ids, p.ID)
	}
	known := slices.Collect(maps.Keys(readSchema(t).Properties["providers"].Properties))
	slices.Sort(ids)
	slices.Sort(known)
	if !slices.Equal(ids, known) {
		t.Errorf("the schema knows %v, the built-in table has %v", known, ids)
	}
}

func resolveSchema(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	r, err := readSchema(t).Resolve(&jsonschema.ResolveOptions{ValidateDefaults: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func readSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	var s jsonschema.Schema
	if err := json.Unmarshal(readFile(t, filepath.Join("..", "..", "providers.schema.json")), &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// jsonValue reads YAML as an editor does before it applies a schema.
func jsonValue(data []byte) (any, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	datesAsText(&doc)
	var v any
	if err := doc.Decode(&v); err != nil {
		return nil, err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return v, json.Unmarshal(text, &v)
}

// datesAsText: YAML 1.2, which editors follow, has no type for dates.
func datesAsText(n *yaml.Node) {
	if n.ShortTag() == "!!timestamp" {
		n.Tag = "!!str"
	}
	for _, c := range n.Content {
		datesAsText(c)
	}
}
