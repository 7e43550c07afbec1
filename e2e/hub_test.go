package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mailsetup/e2e/dovecot"
	"mailsetup/e2e/thunderbird"
)

// From a person's view: the Account Hub shows mailsetup's settings, and with the
// password the account works. The IMAP server accepts only the local part as a login,
// as iCloud's does: with the address as the login, the test would fail here.
func TestThunderbirdSetsUpAccount(t *testing.T) {
	tb := startThunderbird(t, "hub", fonts(t))
	defer tb.Close()
	savePicture(t, tb, findInHub(t, tb, "jane@icloud.com", "jane", "jane@icloud.com"))
	logInFromHub(t, tb, "jane@icloud.com", "jane", "jane@icloud.com")
}

// findInHub has the Account Hub search for an address at iCloud Mail. It must show the
// settings with these logins.
func findInHub(t *testing.T, tb *thunderbird.Thunderbird, address, imap, smtp string) thunderbird.Screen {
	t.Helper()
	screen, err := tb.OpenAccountHub(patience(t), "Jane Appleseed", address)
	if err != nil {
		t.Fatal(err)
	}
	want := thunderbird.Screen{
		Step: "emailConfigFoundSubview",
		Incoming: thunderbird.Server{Type: "imap", Hostname: "imap.mail.me.com", Port: 993,
			SocketType: "SSL/TLS", Auth: "Normal Password", Username: imap},
		Outgoing: thunderbird.Server{Type: "smtp", Hostname: "smtp.mail.me.com", Port: 587,
			SocketType: "STARTTLS", Auth: "Normal Password", Username: smtp},
		Protocols: []string{"imap"},
	}
	if diff := cmp.Diff(want, screen, cmpopts.IgnoreFields(thunderbird.Screen{}, "Notice", "Box")); diff != "" {
		t.Fatalf("the Account Hub shows (-want +got):\n%s\nnotice: %s", diff, screen.Notice)
	}
	return screen
}

// logInFromHub continues with the password. The account must be created, and the IMAP
// server must have seen its login.
func logInFromHub(t *testing.T, tb *thunderbird.Thunderbird, address, imapLogin, smtpLogin string) {
	t.Helper()
	binary, err := dovecot.Installed()
	need(t, "Dovecot is missing (Debian package dovecot-imapd)", err)
	if !internet.Isolated() && os.Getuid() == 0 {
		need(t, "Dovecot does not run as root", errNoNamespaces)
	}
	imap := startDovecot(t, binary, imapLogin)
	account, err := tb.LogIn(patience(t), password)
	if err != nil {
		t.Fatalf("%v\nDovecot's log:\n%s", err, imap.Log())
	}
	if !account.Made || account.Address != address {
		t.Fatalf("no account was created: %+v\nDovecot's log:\n%s", account, imap.Log())
	}
	wantIncoming := thunderbird.Server{Type: "imap", Hostname: "imap.mail.me.com", Port: 993,
		SocketType: "SSL", Auth: "passwordCleartext", Username: imapLogin}
	wantOutgoing := thunderbird.Server{Type: "smtp", Hostname: "smtp.mail.me.com", Port: 587,
		SocketType: "alwaysSTARTTLS", Auth: "passwordCleartext", Username: smtpLogin}
	if diff := cmp.Diff(wantIncoming, account.Incoming) + cmp.Diff(wantOutgoing, account.Outgoing); diff != "" {
		t.Errorf("the account's servers (-want +got):\n%s", diff)
	}
	if !imap.LoggedIn(imapLogin) {
		t.Errorf("Dovecot has seen no encrypted login of %s; its log:\n%s", imapLogin, imap.Log())
	}
}

// password is the app-specific password in these tests. No other text on the wire
// resembles it.
const password = "wxyz-plum-quay-mast"

// startDovecot starts an IMAP server that knows one login.
func startDovecot(t *testing.T, binary, login string) *dovecot.Server {
	t.Helper()
	dir, err := os.MkdirTemp(scratch, "dovecot-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // it runs as another user
		t.Fatal(err)
	}
	certFile, keyFile, err := internet.Authority.WriteLeaf(dir, "imap.mail.me.com")
	if err != nil {
		t.Fatal(err)
	}
	listen, err := internet.Place("127.0.0.1:993")
	if err != nil {
		t.Fatal(err)
	}
	imap, err := dovecot.Start(patience(t), dovecot.Config{
		Binary: binary, Dir: dir, Listen: listen, CertFile: certFile, KeyFile: keyFile,
		Name: login, Password: password, Nobody: internet.Isolated(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := imap.Close(); err != nil {
			t.Error(err)
		}
	})
	return imap
}

// savePicture saves a picture of the Account Hub for people to look at.
func savePicture(t *testing.T, tb *thunderbird.Thunderbird, screen thunderbird.Screen) {
	t.Helper()
	picture, err := tb.Picture(patience(t), screen)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(outFolder, "thunderbird.png")
	if err := os.MkdirAll(outFolder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s shows the Account Hub", file)
}

// fonts writes a font configuration that makes texts fit into the window: without a
// desktop, fontconfig's first choice is DejaVu, which is too wide.
func fonts(t *testing.T) (variable string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "fonts.conf")
	err := os.WriteFile(file, []byte(`<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include>/etc/fonts/fonts.conf</include>
  <match><edit name="family" mode="prepend" binding="strong"><string>Liberation Sans</string></edit></match>
</fontconfig>
`), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	return "FONTCONFIG_FILE=" + file
}
