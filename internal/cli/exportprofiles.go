package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/export"
	"mailsetup/internal/filewatch"
	"mailsetup/internal/regularfile"
	"mailsetup/internal/terminal"
	"mailsetup/profiles"
	"mailsetup/server"
)

// maxPeople limits the list of people, in octets: some 100,000 lines.
const maxPeople = 8 << 20

// exportProfiles writes the profiles of the people in a list. An interrupt leaves nothing
// behind.
func (p program) exportProfiles(ctx context.Context, cmd *cli.Command, dir, list string, cfg export.Config) error {
	signer, err := exportSigner(cmd.String("sign-cert"), cmd.String("sign-key"))
	if err != nil {
		return err
	}
	data, err := regularfile.Read(list, maxPeople)
	if err != nil {
		return fmt.Errorf("--profiles-for: %w", err)
	}
	people, err := export.ParsePeople(data, cfg.Table)
	if err != nil {
		return fmt.Errorf("--profiles-for %s: nothing was written\n%w", list, err)
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = export.WriteProfiles(ctx, dir, people, export.ProfilesConfig{PublicURL: cfg.PublicURL, Signer: signer})
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted: nothing was written")
	}
	if err != nil {
		return err
	}
	how := "unsigned"
	if signer != nil {
		how = "signed"
		for _, warning := range signer.Warnings() {
			fmt.Fprintf(p.Stderr, "mailsetup: %s\n", warning)
		}
	}
	fmt.Fprintf(p.Stdout, "wrote %s to %s, %s; %s says whose they are\n", plural(people.Count, "profile"), terminal.Line(dir), how, export.IndexFile)
	if people.LoginUnknown > 0 {
		fmt.Fprintf(p.Stdout, "no login is known for %s: the device asks for it\n", plural(people.LoginUnknown, "address"))
	}
	if unused := people.Unused(); len(unused) > 0 {
		fmt.Fprintf(p.Stdout, "columns not used: %s\n", terminal.Line(strings.Join(unused, ", ")))
	}
	return nil
}

// exportSigner reads the files that sign profiles; nil without files. A certificate that
// is not valid now is an error, because devices would not accept what it signs.
func exportSigner(cert, key string) (*profiles.Signer, error) {
	if cert == "" && key == "" {
		return nil, nil
	}
	if cert == "" || key == "" {
		return nil, usagef("profiles are signed with a certificate and its key: give both --sign-cert and --sign-key, or neither")
	}
	signer, err := server.SignerFiles{Cert: cert, Key: key}.Read(new(filewatch.Set))
	if err != nil {
		return nil, err
	}
	if err := signer.Valid(); err != nil {
		return nil, fmt.Errorf("%w (certificate %s)", err, cert)
	}
	return signer, nil
}
