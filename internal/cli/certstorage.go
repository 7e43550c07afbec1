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

// certStorage reads where certificates are stored.
func certStorage(cmd *cli.Command) (certs.StorageConfig, error) {
	cfg := certs.StorageConfig{Location: cmd.String("cert-storage"), KeyFile: cmd.String("cert-key"), Cache: cmd.String("cert-cache")}
	if file := cmd.String("cert-password"); file != "" {
		var err error
		if cfg.Location, err = withPassword(cfg.Location, file); err != nil {
			return cfg, err
		}
	}
	shared := strings.Contains(cfg.Location, "://")
	if shared && cfg.KeyFile == "" {
		return cfg, usagef("--cert-storage: certificates on a shared server must be encrypted; make a key with 'head -c 32 /dev/urandom >FILE' and set --cert-key FILE")
	}
	if cfg.Location != "" && (cfg.Cache != "" || !shared) {
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

// withPassword puts the password from a file into the URL of a server. Anybody who can
// inspect the process or the container could read it in a variable or an argument.
func withPassword(location, file string) (string, error) {
	u, err := url.Parse(location)
	if err != nil || u.Host == "" { // the error may quote a password
		return "", usagef("--cert-password: --cert-storage is not the URL of a server; use redis://HOST or postgres://USER@HOST/DATABASE")
	}
	if _, set := u.User.Password(); set {
		return "", usagef("--cert-password: the URL in --cert-storage also has a password; remove it there")
	}
	const maxPassword = 1 << 10
	content, err := secretfile.Read(file, maxPassword)
	if err != nil {
		return "", fmt.Errorf("the --cert-password file cannot be read: %w", err)
	}
	// Files usually end with a line break.
	password := bytes.TrimRight(content, "\r\n")
	if len(password) == 0 {
		return "", fmt.Errorf("the --cert-password file %s is empty: write the password into it", file)
	}
	u.User = url.UserPassword(u.User.Username(), string(password))
	return u.String(), nil
}

// stateFolder returns where the program stores what must survive a restart: the folder that
// systemd provides (StateDirectory=), or one of the user's.
func stateFolder() (string, error) {
	if folder := os.Getenv("STATE_DIRECTORY"); folder != "" {
		return folder, nil
	}
	if folder := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(folder) {
		return filepath.Join(folder, "mailsetup"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil || home == "/" {
		return "", errors.New("there is no home folder to store certificates in; set --cert-storage to a folder that survives restarts, such as /var/lib/mailsetup")
	}
	return filepath.Join(home, ".local", "state", "mailsetup"), nil
}
