package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Apple's own readers of profiles are not available here. Two independent
// programs, which share no code with mailsetup, must read the same from what the
// running server sends.
func TestOtherProgramsReadProfile(t *testing.T) {
	plistutil := needTool(t, "plistutil", "libplist-utils")
	python := needTool(t, "python3", "python3")
	profile := fetchProfile(t, internet.Client(), "https://autoconfig.example.com/profile.mobileconfig?emailaddress=jane%40example.com")
	file := keep(t, "jane.mobileconfig", profile)

	const load = `import json, plistlib, sys
print(json.dumps(plistlib.load(open(sys.argv[1], "rb"))))`
	binary := filepath.Join(t.TempDir(), "jane.plist")
	output(t, plistutil, "--infile", file, "--outfile", binary)
	for reader, file := range map[string]string{"plistlib": file, "plistutil, then plistlib": binary} {
		t.Run(reader, func(t *testing.T) {
			var got struct{ PayloadContent []mailPayload }
			if err := json.Unmarshal(output(t, python, "-c", load, file), &got); err != nil {
				t.Fatal(err)
			}
			want := []mailPayload{{
				PayloadType: "com.apple.mail.managed", EmailAccountType: "EmailTypeIMAP", EmailAddress: "jane@example.com",
				IncomingMailServerHostName: "imap.mail.me.com", IncomingMailServerPortNumber: 993,
				IncomingMailServerUseSSL: true, IncomingMailServerUsername: "jane.appleseed",
				OutgoingMailServerHostName: "smtp.mail.me.com", OutgoingMailServerPortNumber: 587,
				OutgoingMailServerUseSSL: true, OutgoingMailServerUsername: "jane.appleseed@icloud.com",
			}}
			if diff := cmp.Diff(want, got.PayloadContent); diff != "" {
				t.Errorf("payloads (-want +got):\n%s", diff)
			}
		})
	}
}

// mailPayload is the part of a mail payload that decides whether mail works.
type mailPayload struct {
	PayloadType, EmailAccountType, EmailAddress            string
	IncomingMailServerHostName, OutgoingMailServerHostName string
	IncomingMailServerPortNumber                           int
	OutgoingMailServerPortNumber                           int
	IncomingMailServerUseSSL, OutgoingMailServerUseSSL     bool
	IncomingMailServerUsername, OutgoingMailServerUsername string
}

// OpenSSL must accept the signature, and the signed content must be, byte for
// byte, the profile that another server sends unsigned: with a new server, or one
// that begins to sign, an existing account must stay the same account on a
// device.
func TestOpenSSLVerifiesSignedProfile(t *testing.T) {
	openssl := needTool(t, "openssl", "openssl")
	certFile, keyFile, err := internet.Authority.WriteLeaf(t.TempDir(), "autoconfig.example.com")
	if err != nil {
		t.Fatal(err)
	}
	listen, err := internet.Place("127.0.0.1:8090")
	if err != nil {
		t.Fatal(err)
	}
	signing, err := startServer("signing-server", listen, "--sign-cert", certFile, "--sign-key", keyFile)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := signing.stop(); err != nil {
			t.Error(err)
		}
	}()
	root := keep(t, "root.pem", internet.Authority.PEM())
	for _, path := range []string{"/profile/icloud.mobileconfig", "/profile.mobileconfig?emailaddress=jane%40example.com"} {
		t.Run(path, func(t *testing.T) {
			signed := fetchProfile(t, http.DefaultClient, signing.URL+path)
			file := keep(t, "signed.mobileconfig", signed)
			content := output(t, openssl, "cms", "-verify", "-inform", "DER", "-in", file, "-CAfile", root, "-purpose", "any", "-binary")
			unsigned := fetchProfile(t, internet.Client(), "https://autoconfig.example.com"+path)
			if diff := cmp.Diff(string(unsigned), string(content)); diff != "" {
				t.Errorf("the signed profile differs from the unsigned one (-unsigned +signed):\n%s", diff)
			}
		})
	}
}

// Identifiers tell a device which profile replaces which. If they changed, the
// account would be there twice; if two accounts shared one, the second would
// replace the first.
func TestProfileIdentifiersBelongToAccount(t *testing.T) {
	const url = "https://autoconfig.example.com/profile.mobileconfig?emailaddress="
	jane := fetchProfile(t, internet.Client(), url+"jane%40example.com")
	if wrong := unstable(t, url+"jane%40example.com"); wrong != "" {
		t.Errorf("the same profile downloaded again (-first +second):\n%s", wrong)
	}
	doe := fetchProfile(t, internet.Client(), url+"jane.doe%40example.com")
	for _, id := range uuid.FindAll(jane, -1) {
		if bytes.Contains(doe, id) {
			t.Errorf("two accounts share the UUID %s", id)
		}
	}
	if len(uuid.FindAll(jane, -1)) < 2 {
		t.Errorf("the profile does not have two UUIDs:\n%s", jane)
	}
}

// unstable downloads a profile twice and returns the difference.
func unstable(t *testing.T, url string) string {
	t.Helper()
	first := fetchProfile(t, internet.Client(), url)
	return cmp.Diff(string(first), string(fetchProfile(t, internet.Client(), url)))
}

// A parser that is neither Go's nor Thunderbird's must accept every XML document
// and find the servers where the formats' specifications put them.
func TestXmllintReadsDocuments(t *testing.T) {
	xmllint := needTool(t, "xmllint", "libxml2-utils")
	tests := []struct{ name, url, xpath, want string }{
		{"autoconfig", "https://autoconfig.icloud.com/mail/config-v1.1.xml",
			`concat(/clientConfig[@version="1.1"]/emailProvider/incomingServer[@type="imap"]/hostname, " ", //outgoingServer[@type="smtp"]/socketType)`,
			"imap.mail.me.com STARTTLS"},
		{"the private database", policy.database + "mac.com",
			`concat(count(//incomingServer), count(//outgoingServer), " ", //incomingServer/username, " ", //outgoingServer/username)`,
			"11 %EMAILLOCALPART% %EMAILADDRESS%"},
		{"Autodiscover", "https://autodiscover.example.com/autodiscover/autodiscover.xml?Email=jane%40example.com",
			`concat(//*[local-name()="Protocol"][1]/*[local-name()="LoginName"], " ", //*[local-name()="Protocol"][2]/*[local-name()="Encryption"])`,
			"jane.appleseed TLS"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, body := fetch(t, internet.Client(), tt.url)
			got := output(t, xmllint, "--nonet", "--pedantic", "--xpath", tt.xpath, keep(t, "document.xml", body))
			if strings.TrimSpace(string(got)) != tt.want {
				t.Errorf("xmllint reads %q, want %q, in\n%s", got, tt.want, body)
			}
		})
	}
}

// fetch requests a URL of the world and fails unless the status is 200.
func fetch(t *testing.T, client *http.Client, url string) (header http.Header, body []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(patience(t), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err = io.ReadAll(res.Body); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s\n%s", url, res.Status, body)
	}
	return res.Header, body
}

// fetchProfile also checks the media type by which Safari recognises a profile.
func fetchProfile(t *testing.T, client *http.Client, url string) []byte {
	t.Helper()
	header, body := fetch(t, client, url)
	if got, want := header.Get("Content-Type"), "application/x-apple-aspen-config"; got != want {
		t.Fatalf("%s is of type %s, not %s", url, got, want)
	}
	return body
}

// keep writes data to a file that is removed after the test.
func keep(t *testing.T, name string, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// output runs a program that must succeed and returns what it writes.
func output(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(patience(t), name, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, stderr.Bytes())
	}
	return out
}
