package ispdb

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"mailsetup/internal/regularfile"
)

// maxZip is how large a zip may be. That of Thunderbird's repository has 300 KiB.
const maxZip = 64 << 20

// openZip reads the folder ispdb in a zip, at its top or in the only folder there, as in
// GitHub's; otherwise the files there. Nothing is written to disk, so no name in a zip
// can escape from a folder.
func openZip(name string) (Database, error) {
	f, info, err := regularfile.Open(name)
	if err != nil {
		return Database{}, err
	}
	defer f.Close()
	if info.Size() > maxZip {
		return Database{}, regularfile.ErrTooLarge
	}
	archive, err := zip.NewReader(f, info.Size())
	if err != nil {
		return Database{}, fmt.Errorf("%w; give a folder or a zip", err)
	}
	var database, plain []*zip.File
	for _, entry := range archive.File {
		switch folders, name := split(entry.Name); {
		case !isXML(name):
		case len(folders) > 0 && len(folders) <= 2 && folders[len(folders)-1] == folder:
			database = append(database, entry)
		case len(folders) <= 1:
			plain = append(plain, entry)
		}
	}
	if len(database) == 0 {
		database = plain
	}
	files := newCollection()
	for _, entry := range database {
		if err := files.addEntry(entry); err != nil {
			return Database{}, err
		}
	}
	commit, _ := ParseCommit(strings.TrimSpace(archive.Comment)) // GitHub writes it there
	return files.database(commit)
}

// split returns the folders of a name in a zip, and the last part of it.
func split(name string) (folders []string, base string) {
	parts := strings.Split(name, "/")
	return parts[:len(parts)-1], parts[len(parts)-1]
}

func (c *collection) addEntry(entry *zip.File) error {
	_, name := split(entry.Name)
	fault := NoReason
	switch {
	case !fs.ValidPath(entry.Name), strings.ContainsAny(entry.Name, `\:`):
		fault, name = BadFileName, entry.Name
	case !entry.Mode().IsRegular():
		fault = IsLink
	}
	size := int64(min(entry.UncompressedSize64, maxFile+1))
	return c.add(name, size, fault, func() (io.ReadCloser, error) { return entry.Open() })
}
