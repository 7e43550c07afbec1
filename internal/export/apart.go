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
	if _, found := markedAround(dir, place, marker); found {
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

// outsidePersonal refuses a folder for a site that is one of personal profiles, or inside
// one: publishing the site would publish those, too.
func outsidePersonal(dir string) error {
	place, err := placeOf(dir)
	if err != nil {
		return err
	}
	if private, found := markedAround(dir, place, personalMarker); found {
		return personalError(private)
	}
	return nil
}

// holdsNoPersonal refuses a folder for a site that has personal profiles anywhere below it.
func holdsNoPersonal(dir string) error {
	place, err := placeOf(dir)
	if err != nil {
		return err
	}
	private, found, err := markedBelow(place, personalMarker, map[string]bool{})
	if err != nil {
		return fmt.Errorf("the folder for the export cannot be searched for personal profiles: %w", err)
	}
	if found {
		return personalError(private)
	}
	return nil
}

func personalError(private string) error {
	return fmt.Errorf("%s holds personal profiles, and a web server publishes an export: choose a folder outside it, that does not contain it either", private)
}

// placeOf returns the absolute path of a folder without links.
func placeOf(dir string) (string, error) {
	place, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return resolveLinks(place), nil
}

// markedAround returns a marked folder that contains dir, by its name or by its place
// without links. A web server follows links as well, so both are published.
func markedAround(dir, place, marker string) (folder string, found bool) {
	if named, err := filepath.Abs(dir); err == nil {
		if folder, found = markedAbove(named, marker); found {
			return folder, true
		}
	}
	return markedAbove(place, marker)
}

// markedBelow returns a folder with a marker at or below a place. It follows links, as a
// web server does; seen stops it in circles of links. Folders that this user cannot read
// are skipped: a folder of personal profiles has mode 0700, so only its owner's web server
// can read it.
func markedBelow(place, marker string, seen map[string]bool) (folder string, found bool, err error) {
	if seen[place] {
		return "", false, nil
	}
	seen[place] = true
	err = filepath.WalkDir(place, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
			return nil
		case err != nil:
			return err
		case entry.Name() == marker:
			folder, found = filepath.Dir(path), true
		case entry.Type()&fs.ModeSymlink != 0:
			target := resolveLinks(path)
			if folder, found = markedAbove(target, marker); !found {
				folder, found, err = markedBelow(target, marker, seen)
			}
		}
		if found {
			return fs.SkipAll
		}
		return err
	})
	return folder, found, err
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
