package export

import (
	"context"
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

// IndexFile lists whose profile has which file name.
const IndexFile = "index.csv"

// ProfilesConfig configures how people's profiles are written.
type ProfilesConfig struct {
	PublicURL document.PublicURL
	// Signer signs the profiles; nil leaves them unsigned.
	Signer *profiles.Signer
}

// WriteProfiles writes a profile for each person into dir, which must not exist or be
// empty, and [IndexFile]. File names are numbers, because names travel further than
// contents. Only the user who writes the files can read them, and dir must not be inside
// an export, which a web server publishes. Either all of the files appear at once or none
// does, even if ctx ends.
func WriteProfiles(ctx context.Context, dir string, people *People, cfg ProfilesConfig) error {
	dir, err := privateFolder(dir)
	if err != nil {
		return err
	}
	documents, err := document.NewSet(people.table, cfg.PublicURL)
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
	defer os.RemoveAll(stage) // already gone after the rename
	if err := writePeople(ctx, stage, people, documents, cfg.Signer); err != nil {
		return fmt.Errorf("profiles: %w", err)
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the folder for the profiles cannot be replaced: %w: give the name of a new folder", err)
	}
	return os.Rename(stage, dir)
}

// writePeople writes the profiles one after the other, so that memory does not grow with
// the list.
func writePeople(ctx context.Context, folder string, people *People, documents *document.Set, signer *profiles.Signer) error {
	if err := writePrivate(folder, personalMarker, []byte("mailsetup wrote personal profiles here. Do not publish this folder.\n")); err != nil {
		return err
	}
	index, err := os.OpenFile(filepath.Join(folder, IndexFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer index.Close()
	table := csv.NewWriter(index)
	if err := table.Write([]string{"file", "address", "name"}); err != nil {
		return err
	}
	width := len(strconv.Itoa(people.Count))
	var profile []byte
	number := 0
	for p := range people.All() {
		if err := ctx.Err(); err != nil {
			return err
		}
		number++
		profile, err = documents.AppendPersonal(profile[:0], document.Mobileconfig, p.Account, profiles.Person{Name: p.Name})
		sent := profile
		if err == nil && signer != nil {
			sent, err = signer.Sign(profile)
		}
		if err != nil {
			return fmt.Errorf("profile %d: %w", number, err)
		}
		name := fmt.Sprintf("%0*d.mobileconfig", width, number)
		if err := writePrivate(folder, name, sent); err != nil {
			return err
		}
		if err := table.Write([]string{name, p.Account.Address.String(), p.Name.String()}); err != nil {
			return err
		}
	}
	table.Flush()
	return errors.Join(table.Error(), index.Close())
}

func writePrivate(folder, name string, data []byte) error {
	return os.WriteFile(filepath.Join(folder, name), data, 0o600)
}
