package cli

import (
	"fmt"
	"io"

	"mailsetup/internal/export"
	"mailsetup/internal/regularfile"
	"mailsetup/internal/terminal"
)

// maxPeople limits the list of people, in octets: some 100,000 lines.
const maxPeople = 8 << 20

// exportProfiles writes the profiles of the people in a list.
func exportProfiles(w io.Writer, dir, list string, cfg export.Config) error {
	data, err := regularfile.Read(list, maxPeople)
	if err != nil {
		return fmt.Errorf("--profiles-for: %w", err)
	}
	people, err := export.ParsePeople(data, cfg.Table)
	if err != nil {
		return fmt.Errorf("--profiles-for %s: nothing was written\n%w", list, err)
	}
	if err := export.WriteProfiles(dir, people, cfg); err != nil {
		return err
	}
	asked := 0
	for _, p := range people {
		if p.LoginUnknown() {
			asked++
		}
	}
	fmt.Fprintf(w, "wrote %s to %s, unsigned; %s says whose they are\n", plural(len(people), "profile"), terminal.Line(dir), export.IndexFile)
	if asked > 0 {
		fmt.Fprintf(w, "the table has no login for %s: the device asks for it\n", plural(asked, "address"))
	}
	return nil
}
