package profiles

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"howett.net/plist"

	"mailsetup/internal/provider/providertest"
)

// needTool finds an external program. Without it the test is skipped, or fails
// where MAILSETUP_E2E=require says that everything must be there.
func needTool(t *testing.T, name, from string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("MAILSETUP_E2E") == "require" {
		t.Fatalf("%s is missing (%s)", name, from)
	}
	t.Skipf("%s is missing (%s): no external program reads the profile", name, from)
	return ""
}

func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, stderr.Bytes())
	}
	return out
}

func writeTemp(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Python's plistlib is an independent parser. Every name must reach it
// unchanged.
func TestPlistlibReadsNames(t *testing.T) {
	python := needTool(t, "python3", "Debian package python3")
	a := providertest.Account(t, providertest.Table(t, ""), "jane@icloud.com")
	const script = `import json, plistlib, sys
print(json.dumps([plistlib.load(open(f, "rb"))["PayloadContent"][0] for f in sys.argv[1:]]))`
	args := []string{"-c", script}
	for _, name := range roundTripNames {
		args = append(args, writeTemp(t, "x.mobileconfig", render(t, a, personName(t, name))))
	}
	var payloads []struct {
		EmailAccountName             string
		OutgoingMailServerPortNumber int
		OutgoingMailServerUseSSL     bool
	}
	if err := json.Unmarshal(run(t, python, args...), &payloads); err != nil {
		t.Fatal(err)
	}
	if len(payloads) != len(roundTripNames) {
		t.Fatalf("%d payloads, want %d", len(payloads), len(roundTripNames))
	}
	for i, p := range payloads {
		if p.EmailAccountName != roundTripNames[i] || p.OutgoingMailServerPortNumber != 587 || !p.OutgoingMailServerUseSSL {
			t.Errorf("%q was read as %+v", roundTripNames[i], p)
		}
	}
}

// plistutil turns the XML into a binary property list, with yet another parser.
func TestPlistutilReadsNames(t *testing.T) {
	plistutil := needTool(t, "plistutil", "Debian package libplist-utils")
	a := providertest.Account(t, providertest.Table(t, ""), "jane@icloud.com")
	for _, name := range roundTripNames {
		in := writeTemp(t, "x.mobileconfig", render(t, a, personName(t, name)))
		out := filepath.Join(t.TempDir(), "binary")
		run(t, plistutil, "-i", in, "-f", "bin", "-o", out)
		binary, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if format, err := plist.Unmarshal(binary, &map[string]any{}); err != nil || format != plist.BinaryFormat {
			t.Fatalf("plistutil wrote format %d, error %v", format, err)
		}
		if got := decodeMail(t, binary)["EmailAccountName"]; got != name {
			t.Errorf("%q was read as %q", name, got)
		}
	}
}

// OpenSSL verifies what the Go library signed, and returns the profile inside.
// The purpose is "any", because the certificate is for TLS servers.
func TestOpenSSLVerifies(t *testing.T) {
	openssl := needTool(t, "openssl", "Debian package openssl")
	profile := unsignedProfile(t)
	for name, key := range signingKeys(t) {
		t.Run(name, func(t *testing.T) {
			ca := newTestCA(t)
			der, err := newTestSigner(t, ca, key).Sign(profile)
			if err != nil {
				t.Fatal(err)
			}
			signed := writeTemp(t, "x.mobileconfig", der)
			root := writeTemp(t, "root.pem", certPEM(ca.root))
			got := run(t, openssl, "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-CAfile", root, "-in", signed)
			if !bytes.Equal(got, profile) {
				t.Error("the content is not the unsigned profile")
			}

			bad := bytes.Replace(der, []byte("smtp.mail.me.com"), []byte("smtp.mail.me.net"), 1)
			args := []string{"cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-CAfile", root, "-in", writeTemp(t, "bad", bad)}
			if err := exec.CommandContext(t.Context(), openssl, args...).Run(); err == nil {
				t.Error("openssl accepts a changed host")
			}
		})
	}
}
