package export

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"mailsetup/internal/document"
	"mailsetup/profiles"
)

// IndexFile is the file that says whose profile has which name.
const IndexFile = "index.csv"

// WriteProfiles writes an unsigned profile for each person into dir, which must not exist
// or be empty, and [IndexFile]. Names are numbers, because file names travel further than
// contents. Only the user who writes them may read them, and no place inside an export
// that a web server publishes is accepted. All of the files appear at once, or none.
func WriteProfiles(dir string, people []Person, cfg Config) error {
	dir = filepath.Clean(dir) // a slash at the end would make its parent the folder itself
	if err := checkPrivate(dir); err != nil {
		return err
	}
	documents, err := document.NewSet(cfg.Table, cfg.PublicURL)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return fmt.Errorf("the folder for the profiles cannot be made: %w", err)
	}
	stage, err := os.MkdirTemp(filepath.Dir(dir), ".mailsetup-profiles-*") // mode 0700
	if err != nil {
		return fmt.Errorf("the folder for the profiles cannot be made: %w", err)
	}
	defer os.RemoveAll(stage) // gone already after the rename
	if err := writePeople(stage, people, documents); err != nil {
		return fmt.Errorf("profiles: %w", err)
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the folder for the profiles must be empty: %w", err)
	}
	return os.Rename(stage, dir)
}

func writePeople(folder string, people []Person, documents *document.Set) error {
	index, err := os.OpenFile(filepath.Join(folder, IndexFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer index.Close()
	table := csv.NewWriter(index)
	rows := [][]string{{"file", "address", "name"}}
	width := len(strconv.Itoa(len(people)))
	var profile []byte
	for i, p := range people {
		if profile, err = documents.AppendPersonal(profile[:0], document.Mobileconfig, p.Account, profiles.Person{Name: p.Name}); err != nil {
			return fmt.Errorf("profile %d: %w", i+1, err)
		}
		name := fmt.Sprintf("%0*d.mobileconfig", width, i+1)
		if err := os.WriteFile(filepath.Join(folder, name), profile, 0o600); err != nil {
			return err
		}
		rows = append(rows, []string{name, p.Account.Address.String(), p.Name.String()})
	}
	if err := table.WriteAll(rows); err != nil {
		return err
	}
	return index.Close()
}

// checkPrivate refuses a folder that is not empty, or that is in an export.
func checkPrivate(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the folder for the profiles cannot be read: %w", err)
	}
	above, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	above = resolveLinks(above)
	for {
		if _, err := os.Lstat(filepath.Join(above, marker)); err == nil {
			return fmt.Errorf("%s is inside an export, which a web server publishes: choose another folder for personal profiles", dir)
		}
		up := filepath.Dir(above)
		if up == above {
			break
		}
		above = up
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s: the folder is not empty: choose another for personal profiles", dir)
	}
	return nil
}

// resolveLinks returns where a folder is, or will be: a link may lead into an export. Of
// what does not exist yet, the nearest folder above counts.
func resolveLinks(dir string) string {
	resolved, err := filepath.EvalSymlinks(dir)
	if up := filepath.Dir(dir); err != nil && up != dir {
		return filepath.Join(resolveLinks(up), filepath.Base(dir))
	}
	if err != nil {
		return dir
	}
	return resolved
}
