package export

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// personalMarker is in every folder of personal profiles, so that no site is written into
// or around it.
const personalMarker = ".mailsetup-personal"

// privateFolder returns where a folder for personal profiles is, or will be. It refuses a
// folder that is not empty, one inside an export, and the current folder, which would be
// replaced while the shell stays in the old one.
func privateFolder(dir string) (string, error) {
	place, err := placeOf(dir)
	if err != nil {
		return "", err
	}
	if _, found := markedAbove(place, marker); found {
		return "", fmt.Errorf("%s is inside an export, which a web server publishes: choose another folder for personal profiles", dir)
	}
	entries, err := os.ReadDir(place)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the folder for the profiles cannot be read: %w", err)
	}
	here, err := os.Stat(".")
	if there, statErr := os.Stat(place); err == nil && statErr == nil && os.SameFile(here, there) {
		return "", fmt.Errorf("%s is the current folder: give the name of a new folder for personal profiles, such as people", dir)
	}
	if len(entries) > 0 {
		return "", fmt.Errorf("%s: the folder is not empty: choose another for personal profiles", dir)
	}
	return place, nil
}

// checkPublic refuses a folder for a site inside a folder of personal profiles, or
// directly above one: publishing the site would publish those, too.
func checkPublic(dir string) error {
	place, err := placeOf(dir)
	if err != nil {
		return err
	}
	private, found := markedAbove(place, personalMarker)
	entries, _ := os.ReadDir(place) // newStage says why it cannot be read
	for _, e := range entries {
		if below := filepath.Join(place, e.Name()); !found && isMarked(below, personalMarker) {
			private, found = below, true
		}
	}
	if found {
		return fmt.Errorf("%s holds personal profiles, and a web server publishes an export: choose a folder outside it, that does not contain it either", private)
	}
	return nil
}

// placeOf returns the absolute path of a folder without links.
func placeOf(dir string) (string, error) {
	place, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return resolveLinks(place), nil
}

// markedAbove returns the nearest folder with a marker: the place itself or one above.
func markedAbove(place, marker string) (folder string, found bool) {
	for {
		if isMarked(place, marker) {
			return place, true
		}
		up := filepath.Dir(place)
		if up == place {
			return "", false
		}
		place = up
	}
}

func isMarked(folder, marker string) bool {
	_, err := os.Lstat(filepath.Join(folder, marker))
	return err == nil
}

// resolveLinks returns the path of a folder without links, since a link may lead into an
// export. For a folder that does not exist yet, it resolves the nearest one above.
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
