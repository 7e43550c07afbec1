package pebbletest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mailsetup/internal/certs"
	"mailsetup/internal/certs/certstest"
)

// An authority that wants an external account: without one, or with an unknown one, the
// log says what to do; with one, certificates are obtained. No secret is in the log.
func TestExternalAccount(t *testing.T) {
	const key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
	tlsPort, httpPort := certstest.FreePort(t), certstest.FreePort(t)
	a := startBindingAuthority(t, tlsPort, httpPort, map[string]string{"kid-1": key})
	for name, c := range map[string]struct{ account, want string }{
		"none":      {"", "give it with --acme-eab"},
		"unknown":   {"kid-2\n" + key, "--acme-eab"},
		"wrong key": {"kid-1\n" + strings.ToLower(key), "--acme-eab"},
		"right":     {"kid-1\n" + key + "\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := nodeConfig{
				Storage: certs.StorageConfig{Location: filepath.Join(t.TempDir(), "certificates")},
				Profile: long, TLSPort: tlsPort, HTTPPort: httpPort, Managed: numbered(1),
				Directory: a.directory, RootPEM: a.rootPEM,
			}
			if c.account != "" {
				cfg.ExternalAccount = filepath.Join(t.TempDir(), "account.eab")
				if err := os.WriteFile(cfg.ExternalAccount, []byte(c.account), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			n := startNode(t, cfg)
			if c.want == "" {
				await(t, "the certificate is ready", n.ready(1))
			} else {
				await(t, "the log says what to do", func() bool { return strings.Contains(n.log.String(), c.want) })
			}
			if log := n.log.String(); strings.Contains(log, key) || strings.Contains(log, strings.ToLower(key)) || strings.Contains(log, "owner@example.com") {
				t.Error("a secret is in the log")
			}
		})
	}
}

// An authority that was installed again does not know the stored account. Another one is
// registered with the first order.
func TestForgottenAccount(t *testing.T) {
	a, cfg := newConfig(t)
	cfg.Managed = numbered(1)
	n := startNode(t, cfg)
	await(t, "the first name is ready", n.ready(1))
	n.stop()
	a.forget()
	cfg.Managed = numbered(2)
	n = startNode(t, cfg)
	await(t, "the second name is ready", n.ready(2))
	if log := n.log.String(); strings.Contains(log, "ERROR") {
		t.Errorf("the log:\n%s", log)
	}
}
