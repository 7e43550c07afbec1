package certs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/mholt/acmez/v3/acme"
)

func TestLoadExternalAccount(t *testing.T) {
	write := func(content string, mode os.FileMode) string {
		file := filepath.Join(t.TempDir(), "account.eab")
		if err := os.WriteFile(file, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for _, content := range []string{"kid-1\nc2VjcmV0LQ\n", "kid-1\r\nc2VjcmV0LQ==\r\n", "\n kid-1\n\nc2VjcmV0LQ"} {
		account, err := loadExternalAccount(write(content, 0o600))
		if err != nil || account.KeyID != "kid-1" || account.MACKey != "c2VjcmV0LQ" {
			t.Errorf("%q: %+v, %v", content, account, err)
		}
	}
	for content, want := range map[string]string{
		"":                           "two lines",
		"kid-1\n":                    "two lines",
		"kid-1\nc2VjcmV0LQ\nmore":    "two lines",
		"kid-1\nhush/hush":           "line 2, is not base64url",
		"kid-1\n==":                  "line 2, is not base64url",
		"\ufeffkid-1\nc2VjcmV0LQ":    "line 1, has a character outside ASCII",
		strings.Repeat("a", 8<<10+1): "cannot be read",
	} {
		_, err := loadExternalAccount(write(content, 0o600))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%.20q: %v, want %q", content, err, want)
		}
	}
	if _, err := loadExternalAccount(write("kid-1\nc2VjcmV0LQ", 0o644)); runtime.GOOS != "windows" && (err == nil || !strings.Contains(err.Error(), "chmod o=")) {
		t.Errorf("open to everybody: %v", err)
	}
}

// Only a refusal for want of an account is explained; its cause stays.
func TestExplainAccount(t *testing.T) {
	other := errors.New("connection refused")
	if err := explainAccount(other, false); err != other {
		t.Errorf("another error became %v", err)
	}
	refused := fmt.Errorf("registering account: %w", acme.Problem{Type: acme.ProblemTypeExternalAccountRequired, Detail: "members only"})
	for bound, want := range map[bool]string{false: "give it with --acme-eab", true: "create new ones"} {
		if err := explainAccount(refused, bound); !strings.Contains(err.Error(), want) || !errors.Is(err, refused) {
			t.Errorf("bound %v: %v", bound, err)
		}
	}
}
