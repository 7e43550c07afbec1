//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"mailsetup/bench/target"
)

var fileFaults = []fault{
	{name: "table-fifo", holds: "the previous table stays in service, SIGHUP does not hang, SIGTERM ends it with status 0", run: tableFIFO},
	{name: "table-half-written", holds: "the poll never loads the half", long: true, run: tableHalf},
	{name: "table-shrinks", holds: "a warning says that a tenth of the domains or more is gone, with the numbers", run: tableShrinks},
	{name: "signing-key-removed", holds: "/readyz says which file", run: keyRemoved},
	{name: "export-symlink", holds: "no file outside of the folder changes", run: exportSymlink},
}

// domainsTable returns a table with n domains of iCloud's.
func domainsTable(n int) string {
	var b strings.Builder
	b.WriteString("domains:\n")
	for i := range n {
		fmt.Fprintf(&b, "  d%07d.example: icloud\n", i)
	}
	return b.String()
}

func tableServer(ctx context.Context, e env, content string) (*target.Server, string, error) {
	table := filepath.Join(e.folder, "table.yaml")
	if err := os.WriteFile(table, []byte(content), 0o644); err != nil {
		return nil, "", err
	}
	s, err := target.Start(ctx, e.program, target.Options{Args: []string{"--providers", table}})
	return s, table, err
}

func tableFIFO(ctx context.Context, e env) (string, error) {
	s, table, err := tableServer(ctx, e, domainsTable(10))
	if err != nil {
		return "", err
	}
	defer s.Kill()
	if err := errors.Join(os.Remove(table), syscall.Mkfifo(table, 0o644), s.Signal(syscall.SIGHUP)); err != nil {
		return "", err
	}
	time.Sleep(500 * time.Millisecond)
	reload, reloadErr := s.Reload()
	if errors.Is(reloadErr, target.ErrRefused) {
		reloadErr = nil
	} else {
		reloadErr = fmt.Errorf("the reload of a FIFO: %v", reloadErr)
	}
	r, loadErr := asked(ctx, s, "d0000001.example", 200)
	took, stopErr := s.Stop(stopLimit)
	return fmt.Sprintf("reload refused in %s; %d of %d answered; ended in %s", seconds(reload), r.Sent-r.Failed, r.Sent, seconds(took)), errors.Join(reloadErr, loadErr, stopErr)
}

func hosted(s *target.Server) (int, error) {
	_, fields, err := s.Ready()
	n, ok := fields["hosted_domains"].(float64)
	if err == nil && !ok {
		err = fmt.Errorf("/readyz has no hosted_domains: %v", fields)
	}
	return int(n), err
}

func tableHalf(ctx context.Context, e env) (string, error) {
	const n = 20_000
	content := domainsTable(n)
	s, table, err := tableServer(ctx, e, content)
	if err != nil {
		return "", err
	}
	defer s.Kill()
	first, err := hosted(s)
	if err != nil {
		return "", err
	}
	lowest := first
	half := strings.LastIndex(content[:len(content)/2], "\n") + 1
	// It stays for eight seconds, so one check of the poll, every ten, may see it.
	// Three rounds make sure that one does.
	for range 3 {
		if err := os.WriteFile(table, []byte(content[:half]), 0o644); err != nil {
			return "", err
		}
		for end := time.Now().Add(8 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			now, err := hosted(s)
			if err != nil {
				return "", err
			}
			lowest = min(lowest, now)
		}
		if err := os.WriteFile(table, []byte(content), 0o644); err != nil {
			return "", err
		}
		time.Sleep(3 * time.Second)
	}
	if lowest < first {
		err = fmt.Errorf("%d of %d domains were left", lowest, first)
	}
	_, stopErr := s.Stop(stopLimit)
	return fmt.Sprintf("%d domains, at the least %d, while half of the file stood there for 3 x 8 s", first, lowest), errors.Join(err, stopErr)
}

func tableShrinks(ctx context.Context, e env) (string, error) {
	s, table, err := tableServer(ctx, e, domainsTable(1000))
	if err != nil {
		return "", err
	}
	defer s.Kill()
	if err := os.WriteFile(table, []byte(domainsTable(899)), 0o644); err != nil {
		return "", err
	}
	if _, err := s.Reload(); err != nil {
		return "", err
	}
	warning := ""
	_, err = until(3*time.Second, func() error {
		for _, line := range s.Log() {
			var l map[string]any
			if json.Unmarshal([]byte(line), &l) == nil && l["level"] == "WARN" && strings.Contains(line, "1000") && strings.Contains(line, "899") {
				warning = line
				return nil
			}
		}
		return errors.New("the log has no warning with both numbers")
	})
	_, stopErr := s.Stop(stopLimit)
	return "1000 domains became 899: " + warning, errors.Join(err, stopErr)
}

func keyRemoved(ctx context.Context, e env) (string, error) {
	cert, key := filepath.Join(e.folder, "cert.pem"), filepath.Join(e.folder, "signing.key")
	if _, err := writeCertificate(cert, key, "signer.example"); err != nil {
		return "", err
	}
	s, err := target.Start(ctx, e.program, target.Options{Args: append([]string{"--sign-cert", cert, "--sign-key", key}, hosting...)})
	if err != nil {
		return "", err
	}
	defer s.Kill()
	if err := os.Remove(key); err != nil {
		return "", err
	}
	told := func(ready map[string]any) bool {
		text := fmt.Sprint(ready)
		return strings.Contains(text, "signing.key") && strings.Contains(text, "no such file")
	}
	var ready map[string]any
	took, err := until(25*time.Second, func() error {
		var err error
		if _, ready, err = s.Ready(); err == nil && !told(ready) {
			err = fmt.Errorf("/readyz does not mention the key: %v", ready)
		}
		return err
	})
	_, stopErr := s.Stop(stopLimit)
	return fmt.Sprintf("/readyz said so after %s", seconds(took)), errors.Join(err, stopErr)
}

func exportSymlink(ctx context.Context, e env) (string, error) {
	victim, out := filepath.Join(e.folder, "victim"), filepath.Join(e.folder, "out")
	const content = "not to be touched"
	if err := errors.Join(os.WriteFile(victim, []byte(content), 0o644), os.Mkdir(out, 0o755), os.Symlink(victim, filepath.Join(out, ".mailsetup-export"))); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, e.program, "export", out, "--force", "--domain", "a.example=icloud")
	text, runErr := cmd.CombinedOutput()
	now, err := os.ReadFile(victim)
	if err == nil && string(now) != content {
		err = errors.New("the file behind the link was overwritten")
	}
	if runErr == nil {
		return "the link was taken for what it is, and the export was written", err
	}
	return "refused: " + strings.TrimSpace(string(text)), err
}
