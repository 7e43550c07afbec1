// Mailsetup is an email client autoconfig server: somebody types an address into
// Thunderbird, Outlook or an iPhone, the client asks mailsetup, and the account
// is set up.
//
// The facts about mail services are in providers.yaml, which is built in. See
// README.md for use and docs/design.md for the structure.
package main

import (
	"context"
	_ "embed"
	"os"

	"mailsetup/internal/cli"
)

//go:embed providers.yaml
var builtinTable []byte

func main() {
	os.Exit(cli.Main(context.Background(), cli.Config{
		Args:         os.Args,
		BuiltinTable: builtinTable,
		Stdin:        os.Stdin,
		Stdout:       os.Stdout,
		Stderr:       os.Stderr,
	}))
}
