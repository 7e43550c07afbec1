package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/certs"
)

// certStorage reads where certificates are kept.
func certStorage(cmd *cli.Command) (certs.StorageConfig, error) {
	cfg := certs.StorageConfig{Location: cmd.String("cert-storage"), KeyFile: cmd.String("cert-key"), Cache: cmd.String("cert-cache")}
	if cfg.Location != "" && (cfg.Cache != "" || !strings.Contains(cfg.Location, "://")) {
		return cfg, nil
	}
	folder, err := stateFolder()
	if err != nil {
		return cfg, usagef("--cert-storage: %w", err)
	}
	if cfg.Location == "" {
		cfg.Location = filepath.Join(folder, "certificates")
	} else {
		cfg.Cache = filepath.Join(folder, "certificate-cache")
	}
	return cfg, nil
}

// stateFolder is where the program keeps what must survive a restart: what systemd gives
// it (StateDirectory=), or a folder of the user's.
func stateFolder() (string, error) {
	if folder := os.Getenv("STATE_DIRECTORY"); folder != "" {
		return folder, nil
	}
	if folder := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(folder) {
		return filepath.Join(folder, "mailsetup"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil || home == "/" {
		return "", errors.New("no home folder to keep certificates in; set --cert-storage to a folder that survives restarts, such as /var/lib/mailsetup")
	}
	return filepath.Join(home, ".local", "state", "mailsetup"), nil
}
