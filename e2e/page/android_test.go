package page

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestAndroidCode: an independent reader of QR codes reads the page's picture, light and
// dark, and gets what the program prints.
func TestAndroidCode(t *testing.T) {
	zbar, err := exec.LookPath("zbarimg")
	need(t, "zbarimg (Debian package zbar-tools)", err)
	want := renderCode(t, "jane@icloud.com")
	s := startServer(t)
	for _, dark := range []bool{false, true} {
		v := desktop
		if v.dark = dark; dark {
			v.name = "desktop-dark"
		}
		t.Run(v.name, func(t *testing.T) {
			b := openTab(t, s, v)
			b.open("/")
			b.submit("jane@icloud.com")
			b.until(`!!document.querySelector('figure.code')`)
			eval[any](b, `document.querySelector('figure.code').closest('details').open = true, document.querySelector('figure.code').scrollIntoView({block: 'center'})`)
			picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "code.png")
			if err := os.WriteFile(file, picture, 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := exec.Command(zbar, "--quiet", "--raw", "--oneshot", file).Output()
			if err != nil || !bytes.Equal(bytes.TrimSuffix(got, []byte("\n")), want) {
				t.Errorf("zbarimg reads %q (%v), want %q", got, err, want)
			}
		})
	}
}

// TestAndroidCodeOfOthers: an independent writer of the format gives the same.
func TestAndroidCodeOfOthers(t *testing.T) {
	_, err := os.Stat("../node_modules/thunderbird-account-qr-code/index.js")
	need(t, "thunderbird-account-qr-code is missing (npm ci --prefix e2e)", err)
	node, err := exec.LookPath("node")
	need(t, "node (Debian package nodejs)", err)
	account, err := json.Marshal(map[string]any{
		"incomingProtocol": 0, "incomingHostname": "imap.mail.me.com", "incomingPort": 993,
		"incomingConnectionSecurity": 3, "incomingAuthenticationType": 1, "incomingUsername": "jane",
		"outgoingHostname": "smtp.mail.me.com", "outgoingPort": 587,
		"outgoingConnectionSecurity": 2, "outgoingAuthenticationType": 1, "outgoingUsername": "jane@icloud.com",
		"identityEmailAddress": "jane@icloud.com", "identityDisplayName": "",
	})
	if err != nil {
		t.Fatal(err)
	}
	script := `import {encodeAccounts} from "./node_modules/thunderbird-account-qr-code/index.js";
process.stdout.write(encodeAccounts([` + string(account) + `]));`
	other := exec.Command(node, "--input-type=module")
	other.Dir, other.Stdin = "..", strings.NewReader(script)
	got, err := other.Output()
	if want := renderCode(t, "jane@icloud.com"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the package writes %s (%v), want %s", got, err, want)
	}
}

func renderCode(t *testing.T, address string) []byte {
	t.Helper()
	code, err := exec.Command(program, "render", "android-qr", address).Output()
	if err != nil {
		t.Fatal(err)
	}
	return code
}
