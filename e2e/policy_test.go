package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"mailsetup/e2e/world"
)

// policy is the enterprise policy from the README, exactly as it is there.
var policy thunderbirdPolicy

type thunderbirdPolicy struct {
	file []byte
	// database is mailnews.auto_config_url, directory is its host.
	database, directory string
}

// readPolicy finds the policies.json among the README's code blocks.
func readPolicy() (p thunderbirdPolicy, err error) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		return p, err
	}
	for block := range bytes.SplitSeq(readme, []byte("```json\n")) {
		block, _, closed := bytes.Cut(block, []byte("```"))
		if !closed || !bytes.Contains(block, []byte(`"policies"`)) {
			continue
		}
		var file struct {
			Policies struct {
				Preferences map[string]struct{ Value string }
			}
		}
		if err := json.Unmarshal(block, &file); err != nil {
			return p, fmt.Errorf("the README's policies.json: %w", err)
		}
		p.file, p.database = block, file.Policies.Preferences[databasePreference].Value
		u, err := url.Parse(p.database)
		if err != nil {
			return p, fmt.Errorf("the README's policies.json: %w", err)
		}
		p.directory = u.Hostname()
		return p, nil
	}
	return p, errors.New("the README has no policies.json")
}

// databasePreference is where Thunderbird asks for the settings of domains that
// publish none: https://support.mozilla.org/kb/thunderbird-and-policies-overview
const databasePreference = "mailnews.auto_config_url"

// install puts the policy where Thunderbird on Linux looks for it, for this
// process and its children only.
func (p thunderbirdPolicy) install() error {
	const system = "/etc/thunderbird"
	own := filepath.Join(scratch, "etc-thunderbird")
	if err := os.CopyFS(own, os.DirFS(system)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	folder := filepath.Join(own, "policies")
	return errors.Join(os.MkdirAll(folder, 0o755),
		os.WriteFile(filepath.Join(folder, "policies.json"), p.file, 0o644),
		world.Cover(system, own))
}
