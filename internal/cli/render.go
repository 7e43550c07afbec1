package cli

import (
	"context"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
)

func (p program) renderCommand() *cli.Command {
	return &cli.Command{
		Name:      "render",
		Usage:     "print the document that a client would get",
		ArgsUsage: "FORMAT ADDRESS",
		Metadata:  map[string]any{argumentChoices: choices{"FORMAT": named(document.Formats)}},
		Description: `Prints what the server would send for ADDRESS, byte for byte, without a server.
FORMAT is one of

  autoconfig    Thunderbird and others: config-v1.1 XML
  autodiscover  Outlook: Autodiscover XML (POX)
  json          Outlook: Autodiscover v2, which points to the XML
  mobileconfig  Apple devices: a configuration profile, unsigned
  android-qr    Thunderbird for Android: the text of a QR code to scan
  android-file  Thunderbird for Android: a settings file to import`,
		Action: func(_ context.Context, cmd *cli.Command) error {
			if err := wantArgs(cmd, 2, 2); err != nil {
				return err
			}
			format, err := document.ParseFormat(cmd.Args().Get(0))
			if err != nil {
				return usageError{err}
			}
			address, err := provider.ParseAddress(cmd.Args().Get(1))
			if err != nil {
				return usagef("ADDRESS: %w", err)
			}
			public, err := publicURL(cmd)
			if err != nil {
				return err
			}
			table, err := p.tableSource(cmd).Load()
			if err != nil {
				return err
			}
			m, err := serviceOf(table, address.Domain())
			if err != nil {
				return err
			}
			documents, err := document.NewSet(table, public)
			if err != nil {
				return err
			}
			doc, err := documents.Append(nil, format, m.Account(address))
			if err != nil {
				return err
			}
			return p.printDocument(doc)
		},
	}
}
