package cli_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"syscall"
	"testing"

	"mailsetup/internal/cli"
)

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// A script that saves what a command prints must notice that the disk is full.
func TestFullDiskFailsEveryCommand(t *testing.T) {
	builtin, err := os.ReadFile("../../providers.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"help", "--help", "help dns", "serve --help", "dns example.com --help", "--version", "version",
		"man", "completion bash", "check", "table", "table --domains --domain example.com=icloud",
		"render autoconfig jane@icloud.com", "render android-qr jane@icloud.com",
		"dns example.com --domain example.com=icloud --public-url https://setup.example.com",
	} {
		var stderr bytes.Buffer
		got := cli.Main(context.Background(), cli.Config{
			Args: append([]string{"mailsetup"}, strings.Fields(line)...), BuiltinTable: builtin, Stdout: fullDisk{}, Stderr: &stderr,
		})
		if got != 1 || !strings.Contains(stderr.String(), syscall.ENOSPC.Error()) {
			t.Errorf("mailsetup %s: status %d, standard error %q", line, got, &stderr)
		}
	}
}
