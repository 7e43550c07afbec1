package templates

import (
	"errors"
	"testing"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// TestOAuth2Alone: a format that cannot express OAuth 2 gives no document where a
// server, for reading or for sending, takes nothing else.
func TestOAuth2Alone(t *testing.T) {
	for name, auths := range map[string][2]string{
		"both":     {"oauth2", "[oauth2]"},
		"incoming": {"oauth2", "password"},
		"outgoing": {"[cram-md5, password]", "oauth2"},
	} {
		kind := "unstated"
		if name == "both" {
			kind = "none"
		}
		table := providertest.Table(t, `
providers:
  signin:
    name: Sign-in Mail
    domains: [signin.test]
    imap: [{host: imap.signin.test, port: 993, security: tls, username: address, auth: `+auths[0]+`}]
    smtp: [{host: smtp.signin.test, port: 465, security: tls, username: address, auth: `+auths[1]+`}]
    password: {kind: `+kind+`}
`)
		p, _ := table.Provider("signin")
		a := account(t, table, "jane@signin.test")
		if p.TakesPassword() {
			t.Errorf("%s: TakesPassword is true", name)
		}
		if body, err := Autodiscover(a); !errors.Is(err, provider.ErrOAuth2Only) || body != nil {
			t.Errorf("%s: POX: %v\n%s", name, err, body)
		}
		if _, err := CompileAutodiscover(p); !errors.Is(err, provider.ErrOAuth2Only) {
			t.Errorf("%s: compiled POX: %v", name, err)
		}
		if _, err := CompileAutoconfig(p); err != nil {
			t.Errorf("%s: compiled autoconfig: %v", name, err)
		}
	}
}
