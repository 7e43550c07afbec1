package appleprofile

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/clients"
	"mailsetup/internal/provider/providertest"
)

const goodProfile = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>PayloadContent</key><array><dict>
	<key>EmailAccountType</key><string>EmailTypeIMAP</string>
	<key>EmailAddress</key><string>jane@example.com</string>
	<key>IncomingMailServerAuthentication</key><string>EmailAuthPassword</string>
	<key>IncomingMailServerHostName</key><string>imap.example.com</string>
	<key>IncomingMailServerPortNumber</key><integer>993</integer>
	<key>IncomingMailServerUseSSL</key><true/>
	<key>IncomingMailServerUsername</key><string>jane</string>
	<key>OutgoingMailServerAuthentication</key><string>EmailAuthPassword</string>
	<key>OutgoingMailServerHostName</key><string>smtp.example.com</string>
	<key>OutgoingMailServerPortNumber</key><integer>587</integer>
	<key>OutgoingMailServerUseSSL</key><true/>
	<key>OutgoingMailServerUsername</key><string>jane@example.com</string>
	<key>PayloadIdentifier</key><string>com.example.a1.mail</string>
	<key>PayloadType</key><string>com.apple.mail.managed</string>
	<key>PayloadUUID</key><string>0F0E0D0C-0000-5000-8000-000000000001</string>
	<key>PayloadVersion</key><integer>1</integer>
</dict></array>
<key>PayloadIdentifier</key><string>com.example.a1</string>
<key>PayloadType</key><string>Configuration</string>
<key>PayloadUUID</key><string>0F0E0D0C-0000-5000-8000-000000000002</string>
<key>PayloadVersion</key><integer>1</integer>
</dict></plist>
`

func profileAnswer(body string) clients.Answer {
	return clients.Answer{Status: 200, ContentType: "application/x-apple-aspen-config", Body: []byte(body)}
}

func goodOnApple() clients.Settings {
	return clients.Settings{
		Incoming: clients.ServerSettings{Host: "imap.example.com", Port: 993, Security: clients.AnyTLS, Auth: clients.AuthPassword, Login: "jane", Stated: true},
		Outgoing: clients.ServerSettings{Host: "smtp.example.com", Port: 587, Security: clients.AnyTLS, Auth: clients.AuthPassword, Login: "jane@example.com", Stated: true},
	}
}

func TestAppleProfile(t *testing.T) {
	const user = "\t<key>IncomingMailServerUsername</key><string>jane</string>\n"
	for _, tt := range []struct {
		name, old, new string
		change         func(*clients.Settings)
	}{
		{name: "a good profile"},
		{name: "what is left out is asked", old: user, change: func(s *clients.Settings) {
			s.Incoming.Login, s.Incoming.Stated, s.Asks = "", false, []string{"IncomingMailServerUsername"}
		}},
		{name: "the address, too", old: "\t<key>EmailAddress</key><string>jane@example.com</string>\n",
			change: func(s *clients.Settings) { s.Asks = []string{"EmailAddress"} }},
		{name: "UseSSL false is plaintext", old: "<true/>", new: "<false/>",
			change: func(s *clients.Settings) { s.Incoming.Security = clients.Plaintext }},
		{name: "UseSSL is false by default", old: "\t<key>OutgoingMailServerUseSSL</key><true/>\n",
			change: func(s *clients.Settings) { s.Outgoing.Security = clients.Plaintext }},
		{name: "without port several are tried", old: "\t<key>OutgoingMailServerPortNumber</key><integer>587</integer>\n",
			change: func(s *clients.Settings) { s.Outgoing.Port = 0 }},
		{name: "CRAM-MD5", old: "EmailAuthPassword", new: "EmailAuthCRAMMD5", change: func(s *clients.Settings) { s.Incoming.Auth = clients.AuthEncrypted }},
		{name: "no login, no question", old: user + "\t<key>OutgoingMailServerAuthentication</key><string>EmailAuthPassword",
			new: "\t<key>OutgoingMailServerAuthentication</key><string>EmailAuthNone",
			change: func(s *clients.Settings) {
				s.Incoming.Login, s.Incoming.Stated, s.Outgoing.Auth, s.Asks = "", false, clients.AuthNone, []string{"IncomingMailServerUsername"}
			}},
		{name: "a scope", old: "<key>PayloadType</key><string>Conf", new: "<key>PayloadScope</key><string>User</string><key>PayloadType</key><string>Conf"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := goodOnApple()
			if tt.change != nil {
				tt.change(&want)
			}
			got, err := read(profileAnswer(strings.Replace(goodProfile, tt.old, tt.new, 1)), providertest.Address(t, "jane@example.com"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

// Each of these has been shipped by some server, or makes a device refuse the whole
// profile or set up something other than intended.
func TestAppleProfileFaults(t *testing.T) {
	const top = "<key>PayloadType</key><string>Configuration</string>"
	const mail = "<key>PayloadType</key><string>com.apple.mail.managed</string>"
	dav := `<dict><key>CalDAVHostName</key><string>caldav.example.com</string><key>CalDAVPort</key><real>443</real>` +
		`<key>PayloadIdentifier</key><string>com.example.a1.caldav</string><key>PayloadType</key><string>com.apple.caldav.account</string>` +
		`<key>PayloadUUID</key><string>0F0E0D0C-0000-5000-8000-000000000003</string><key>PayloadVersion</key><integer>1</integer></dict></array>`
	for _, tt := range []struct{ name, old, new, want string }{
		{"malformed", "</plist>", "", "not well-formed"},
		{"signed", goodProfile, "0\x82\x01\x00", "extract its content"},
		{"no plist", goodProfile, "<html/>", "no plist element"},
		{"empty", goodProfile, "<plist/>", "empty plist"},
		{"two values", "</plist>", "<true/></plist>", "more than one value"},
		{"something after the end", "</plist>", "</plist><x/>", "something follows"},
		{"an unknown value", "<integer>993</integer>", "<number>993</number>", "not a property list value"},
		{"a key twice", "<key>EmailAddress</key>", "<key>EmailAddress</key><string>x</string><key>EmailAddress</key>", "duplicate key"},
		{"a key without value", "<integer>1</integer>\n</dict>", "</dict>", "has no value"},
		{"no dictionary", goodProfile, `<plist version="1.0"><array/></plist>`, "not a dictionary"},
		{"no payload", "<array>", "<array/><key>X</key><array>", "there is no payload"},
		{"format version 2", "<integer>1</integer>", "<integer>2</integer>", "PayloadVersion has a value that is not allowed"},
		{"a real for an integer", "<integer>993</integer>", "<real>993</real>", "IncomingMailServerPortNumber is <real>"},
		{"a string for a port", "<integer>993</integer>", "<string>993</string>", "is <string> instead of integer"},
		{"an empty string", "<string>jane</string>", "<string></string>", "IncomingMailServerUsername is empty"},
		{"an invalid port", "<integer>993</integer>", "<integer>0</integer>", "invalid port"},
		{"a replaced character", "<string>jane</string>", "<string>j\ufffdne</string>", "invalid character"},
		{"an unknown key", "<key>EmailAddress</key>", "<key>EmailAdress</key>", "unknown key EmailAdress"},
		{"a missing key", "<key>EmailAccountType</key><string>EmailTypeIMAP</string>", "", "EmailAccountType is missing"},
		{"a misspelt value", "EmailTypeIMAP", "IMAP", "EmailAccountType has a value"},
		{"OAuth", "EmailAuthPassword", "EmailAuthOAuth", "IncomingMailServerAuthentication has a value"},
		{"a password", "<key>PayloadVersion</key>", "<key>IncomingPassword</key><string>x</string><key>PayloadVersion</key>", "encrypted profile only"},
		{"a deprecated key", "<key>PayloadVersion</key>", "<key>SMIMEEnablePerMessageSwitch</key><true/><key>PayloadVersion</key>", "deprecated"},
		{"a profile that stays", top, top + "<key>PayloadRemovalDisallowed</key><true/>", "person's business"},
		{"the system's scope", top, top + "<key>PayloadScope</key><string>System</string>", "PayloadScope has a value"},
		{"an identifier with blanks", "<string>com.example.a1</string>", "<string>E-Mail Account</string>", "PayloadIdentifier has an invalid form"},
		{"an unrelated inner identifier", "com.example.a1.mail", "com.example.b2.mail", "component appended"},
		{"a UUID without dashes", "0F0E0D0C-0000-5000-8000-000000000001", "0F0E0D0C000050008000000000000001", "PayloadUUID has an invalid form"},
		{"a letter beyond F", "0F0E0D0C-0000-5000-8000-000000000001", "0G0E0D0C-0000-5000-8000-000000000001", "PayloadUUID has an invalid form"},
		{"one UUID for both", "000000000001", "000000000002", "duplicate PayloadUUID"},
		{"an unknown payload", mail, "<key>PayloadType</key><string>com.apple.mail</string>", "unknown PayloadType"},
		{"a calendar's port as real", "</array>", dav, "CalDAVPort is <real>"},
		{"text between", "<array>", "x<array>", "text outside a value"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(goodProfile, tt.old) {
				t.Fatalf("%q is not in the profile", tt.old)
			}
			_, err := read(profileAnswer(strings.Replace(goodProfile, tt.old, tt.new, 1)), providertest.Address(t, "jane@example.com"))
			if !errors.Is(err, clients.ErrDeadEnd) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "jane") {
				t.Errorf("the error names a person: %v", err)
			}
		})
	}
}

func TestAppleDelivery(t *testing.T) {
	for ctype, want := range map[string]error{
		"application/x-apple-aspen-config": nil,
		"application/octet-stream":         clients.ErrDeadEnd,
		"text/xml; charset=utf-8":          clients.ErrDeadEnd,
	} {
		if _, err := read(clients.Answer{Status: 200, ContentType: ctype, Body: []byte(goodProfile)}, providertest.Address(t, "jane@example.com")); !errors.Is(err, want) {
			t.Errorf("%s: error %v, want %v", ctype, err, want)
		}
	}
	if _, err := read(clients.Answer{Status: 404}, providertest.Address(t, "jane@example.com")); !errors.Is(err, clients.ErrNext) {
		t.Errorf("404: error %v", err)
	}
	pop := strings.Replace(goodProfile, "EmailTypeIMAP", "EmailTypePOP", 1)
	if _, err := read(profileAnswer(pop), providertest.Address(t, "jane@example.com")); !errors.Is(err, clients.ErrDeadEnd) {
		t.Errorf("POP: error %v", err)
	}
}

// No profile, however odd, may crash the reader.
func FuzzRead(f *testing.F) {
	for _, body := range []string{goodProfile, "", "<plist/>", "<plist version=\"1.0\"><dict/></plist>", "0\x82\x01\x00"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := read(clients.Answer{Status: 200, ContentType: "application/x-apple-aspen-config", Body: body}, providertest.Address(t, "jane@example.com"))
		if (err == nil) == (s.Incoming.Host == "" || s.Outgoing.Host == "") {
			t.Errorf("%+v, %v", s, err)
		}
	})
}
