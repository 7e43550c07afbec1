package cli

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v3"
)

func (p program) versionCommand() *cli.Command {
	return &cli.Command{
		Name:     "version",
		Usage:    "print the version",
		Metadata: map[string]any{withoutTable: true},
		Action: func(_ context.Context, cmd *cli.Command) error {
			if err := wantArgs(cmd, 0, 0); err != nil {
				return err
			}
			_, err := fmt.Fprintf(p.Stdout, "mailsetup %s, %s %s/%s\n",
				buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// buildVersion returns the version that the Go command wrote into the program: a tag, a
// pseudo-version with the commit, or "devel" if it was built without a repository.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
