package cli

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/certs"
	"mailsetup/internal/secretfile"
)

// certStorage reads where certificates are kept.
func certStorage(cmd *cli.Command) (certs.StorageConfig, error) {
	cfg := certs.StorageConfig{Location: cmd.String("cert-storage"), KeyFile: cmd.String("cert-key"), Cache: cmd.String("cert-cache")}
	if file := cmd.String("cert-password"); file != "" {
		var err error
		if cfg.Location, err = withPassword(cfg.Location, file); err != nil {
			return cfg, err
		}
	}
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

// withPassword puts the password in a file into the URL of a server. In a variable or an
// argument whoever may look at the process or the container could read it.
func withPassword(location, file string) (string, error) {
	u, err := url.Parse(location)
	if err != nil || u.Host == "" { // the error may quote a password
		return "", usagef("--cert-password: --cert-storage is no URL of a server; write redis://HOST or postgres://USER@HOST/DATABASE")
	}
	if _, set := u.User.Password(); set {
		return "", usagef("--cert-password: the URL in --cert-storage has a password, too; take it out there")
	}
	const maxPassword = 1 << 10
	content, err := secretfile.Read(file, maxPassword)
	if err != nil {
		return "", fmt.Errorf("the --cert-password file cannot be read: %w", err)
	}
	// Most ways to write a file end it with a line.
	password := bytes.TrimRight(content, "\r\n")
	if len(password) == 0 {
		return "", fmt.Errorf("the --cert-password file %s is empty: write the password into it", file)
	}
	u.User = url.UserPassword(u.User.Username(), string(password))
	return u.String(), nil
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
