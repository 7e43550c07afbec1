package deploytest

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

const composeFolder = "../compose"

// composeForms are the folders with a compose file.
func composeForms(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(composeFolder + "/*/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var forms []string
	for _, file := range files {
		forms = append(forms, filepath.Base(filepath.Dir(file)))
	}
	if want := []string{"alone", "caddy", "nginx", "replicas", "traefik"}; !slices.Equal(forms, want) {
		t.Fatalf("the forms are %v, tested are %v", forms, want)
	}
	return forms
}

// copyForm copies a form into the test's own folder, as its users do, adds what the README
// tells them to add, and reads it.
func copyForm(t *testing.T, form string) *types.Project {
	t.Helper()
	folder := filepath.Join(t.TempDir(), form)
	if err := os.CopyFS(folder, os.DirFS(filepath.Join(composeFolder, form))); err != nil {
		t.Fatal(err)
	}
	switch form {
	case "nginx":
		addCertificate(t, folder)
	case "replicas":
		makeSecrets(t, folder)
	}
	return readCompose(t, folder)
}

// readCompose reads the file as Docker's compose does. An unknown key is an error, as is
// an undefined name.
func readCompose(t *testing.T, folder string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(folder, "compose.yaml")}, cli.WithWorkingDirectory(folder))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// addCertificate adds the files that nginx reads.
func addCertificate(t *testing.T, folder string) {
	t.Helper()
	chain, key := certificate(t, exampleNames...)
	for name, content := range map[string]string{"tls/fullchain.pem": chain, "tls/privkey.pem": key, "acme/.well-known/acme-challenge/token": "answer"} {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// nginx runs as this user, and nobody else can read the key.
	const nginx = 101
	if key := filepath.Join(folder, "tls/privkey.pem"); os.Geteuid() == 0 {
		if err := os.Chmod(key, 0o400); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(key, nginx, nginx); err != nil {
			t.Fatal(err)
		}
	}
}
