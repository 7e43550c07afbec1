package androidimport

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/clients"
)

const goodCode = `[1,[1,1],[0,"imap.example.com",993,3,1,"jane.appleseed"],[[[0,"smtp.example.com",587,2,1,"jane@icloud.com"],["jane@example.com","Jane Appleseed"]]]]`

const goodFile = `<?xml version="1.0" encoding="UTF-8"?>
<k9settings version="99" format="1">
  <accounts>
    <account uuid="0f0e0d0c-0000-5000-8000-000000000001">
      <name>jane@example.com</name>
      <settings><value key="deletePolicy">DELETE</value></settings>
      <incoming-server type="IMAP">
        <host>imap.example.com</host><port>993</port><connection-security>SSL_TLS_REQUIRED</connection-security>
        <authentication-type>PLAIN</authentication-type><username>jane.appleseed</username>
      </incoming-server>
      <outgoing-server type="SMTP">
        <host>smtp.example.com</host><port>587</port><connection-security>STARTTLS_REQUIRED</connection-security>
        <authentication-type>PLAIN</authentication-type><username>jane@icloud.com</username>
      </outgoing-server>
      <identities><identity><name>Jane Appleseed</name><email>jane@example.com</email></identity></identities>
    </account>
  </accounts>
</k9settings>
`

func good() Account {
	server := func(host string, port int, s clients.Security, login string) clients.ServerSettings {
		return clients.ServerSettings{Host: host, Port: port, Security: s, Auth: clients.AuthPassword, Login: login, Stated: true}
	}
	return Account{
		Settings: clients.Settings{
			Incoming: server("imap.example.com", 993, clients.TLS, "jane.appleseed"),
			Outgoing: server("smtp.example.com", 587, clients.StartTLS, "jane@icloud.com"),
		},
		Address: "jane@example.com", RealName: "Jane Appleseed", Name: "jane@example.com",
	}
}

func TestGood(t *testing.T) {
	got, err := ReadCode([]byte(goodCode))
	if diff := cmp.Diff(good(), got); err != nil || diff != "" {
		t.Errorf("code: %v\n%s", err, diff)
	}
	want := good()
	want.UUID = "0f0e0d0c-0000-5000-8000-000000000001"
	got, err = ReadFile([]byte(goodFile))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("file: %v\n%s", err, diff)
	}
}

// The app refuses each of these, or it is more than we may write.
func TestRefused(t *testing.T) {
	for _, edit := range []struct{ old, new string }{
		{`[1,[1,1]`, `[2,[1,1]`},
		{`[1,[1,1]`, `[1,[1,2]`},
		{`[1,[1,1]`, `[1,[1]`},
		{`[1,[1,1]`, `{"a":1}`},
		{`[1,[1,1]`, "\xff"},
		{`"Jane Appleseed"]]]]`, `"Jane Appleseed"]]]] 1`},
		{`"Jane Appleseed"]]]]`, `"Jane Appleseed"]]],1]`},
		{`"Jane Appleseed"`, `null`},
		{`"Jane Appleseed"`, `"Jane\nAppleseed"`},
		{`,"Jane Appleseed"`, ``},
		{`"jane.appleseed"`, `"jane.appleseed",null,null`},
		{`"jane.appleseed"`, `"jane.appleseed","","secret"`},
		{`"jane.appleseed"`, `"jane\rappleseed"`},
		{`"jane.appleseed"`, `""`},
		{`[0,"imap`, `[1,"imap`},
		{`imap.example.com`, `imap..example.com`},
		{`imap.example.com`, `imäp.example.com`},
		{`993,3`, `0,3`},
		{`993,3`, `70000,3`},
		{`993,3`, `993.5,3`},
		{`993,3`, `993,1`},
		{`3,1,`, `3,3,`},
		{`3,1,`, `3,null,`},
		{`["jane@example.com"`, `["ja..ne@example.com"`},
		{`["jane@example.com"`, `["jane.@example.com"`},
		{`["jane@example.com"`, `["jane@-example.com"`},
		{`["jane@example.com"`, `["\"jane\"@example.com"`},
	} {
		if !strings.Contains(goodCode, edit.old) {
			t.Errorf("the code has no %s", edit.old)
		}
		if got, err := ReadCode([]byte(strings.Replace(goodCode, edit.old, edit.new, 1))); err == nil {
			t.Errorf("%s instead of %s: %+v", edit.new, edit.old, got)
		}
	}
	for _, edit := range []struct{ old, new string }{
		{`format="1"`, `format="2"`},
		{`version="99"`, `version="0"`},
		{`k9settings version`, `settings version`},
		{`</k9settings>`, `</k9settings><a/>`},
		{`uuid="0f0e`, `uuid="jane`},
		{`<accounts>`, `<accounts><account/>`},
		{`type="IMAP"`, `type="POP3"`},
		{`type="SMTP"`, `type="IMAP"`},
		{`993`, `none`},
		{`587`, `70000`},
		{`SSL_TLS_REQUIRED`, `SSL_TLS_OPTIONAL`},
		{`>PLAIN<`, `>AUTOMATIC<`},
		{`imap.example.com`, `imap_.example.com`},
		{`<username>jane.appleseed</username>`, ``},
		{`</username>`, `</username><password>secret</password>`},
		{`<email>jane@`, `<email>ja..ne@`},
		{`<name>Jane Appleseed`, "<name>Jane\nAppleseed"},
		{`<identities>`, `<identities><identity/>`},
	} {
		if !strings.Contains(goodFile, edit.old) {
			t.Errorf("the file has no %s", edit.old)
		}
		if got, err := ReadFile([]byte(strings.Replace(goodFile, edit.old, edit.new, 1))); err == nil {
			t.Errorf("%s instead of %s: %+v", edit.new, edit.old, got)
		}
	}
}

// FuzzRead: whatever is scanned or opened, the result is either a complete account or an
// error.
func FuzzRead(f *testing.F) {
	f.Add([]byte(goodCode))
	f.Add([]byte(goodFile))
	f.Add([]byte(`[1,[1,1],[0,"a",1,0,0,"b"],[[[0,"a",1,0,0,"b"],["a@b",""]]]]`))
	f.Add([]byte(`[1,[1,1],null,[[[]]]]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, read := range []func([]byte) (Account, error){ReadCode, ReadFile} {
			a, err := read(text)
			if err != nil {
				continue
			}
			for _, s := range []clients.ServerSettings{a.Incoming, a.Outgoing} {
				if s.Host == "" || s.Port == 0 || s.Security == 0 || s.Auth == 0 || s.Login == "" || !strings.Contains(a.Address, "@") {
					t.Errorf("incomplete: %+v", a)
				}
			}
		}
	})
}
