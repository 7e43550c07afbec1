package profiles

import (
	"embed"
	"fmt"
	"strings"
	"sync"
	"text/template"

	"mailsetup/internal/language"
	"mailsetup/internal/provider"
)

// displayName names the profile in the list of installed ones. Several may come
// from one provider, so the address tells them apart.
func displayName(a provider.Account) string {
	if a.Address.IsZero() {
		return a.Provider.Name
	}
	return fmt.Sprintf("%s (%s)", a.Provider.Name, a.Address)
}

// accountLabel names the account in Mail. With the address it does not look
// like the account that the device may have at the provider already.
func accountLabel(a provider.Account) string {
	if a.Address.IsZero() {
		return a.Provider.Name
	}
	return a.Address.String()
}

//go:embed text/*.txt
var textFiles embed.FS

// texts is the template of the description in each language, parsed when it is first
// needed: most servers need two or three.
var texts = func() map[language.Language]func() (*template.Template, error) {
	all := make(map[language.Language]func() (*template.Template, error))
	for _, l := range language.All() {
		all[l] = sync.OnceValues(func() (*template.Template, error) {
			name := l.String() + ".txt"
			return template.New(name).ParseFS(textFiles, "text/"+name)
		})
	}
	return all
}()

// description is what the texts say of an account.
type description struct {
	Address, Service string
	// AsksLogin: the device will ask for user names. Each is an address or the part
	// of it before the @.
	AsksLogin, IncomingLocalPart, OutgoingLocalPart bool
	Domains                                         []language.Item // of the login; empty: of any address
	AppSpecific, Unstated                           bool            // else the account's own password
	Link, Section                                   string          // of the password; may be empty
	TwoFactor                                       bool
}

// describe writes what people read before they agree to the installation: what
// the profile does, and what to enter when the device asks. It ends with how to get rid
// of the account, because one that came with a profile can't be deleted on its own.
func describe(a provider.Account, l language.Language) (string, error) {
	d := description{
		Address:   a.Address.String(),
		Service:   a.Provider.Name,
		AsksLogin: a.Incoming.Login.Name.IsZero() || a.Outgoing.Login.Name.IsZero(),
		Domains:   language.Items(a.Provider.LoginDomains, provider.Domain.String),
	}
	if err := d.username(&d.IncomingLocalPart, a.Incoming.Username); err != nil {
		return "", err
	}
	if err := d.username(&d.OutgoingLocalPart, a.Outgoing.Username); err != nil {
		return "", err
	}
	if err := d.password(a.Provider.Password); err != nil {
		return "", err
	}
	text, err := texts[l]()
	if err != nil {
		return "", fmt.Errorf("describe the profile: %w", err)
	}
	var b strings.Builder
	if err := text.Execute(&b, d); err != nil {
		return "", fmt.Errorf("describe the profile: %w", err)
	}
	return strings.TrimSpace(b.String()), nil
}

func (d *description) username(localPart *bool, u provider.Username) error {
	switch u {
	case provider.UsernameAddress:
		*localPart = false
	case provider.UsernameLocalPart:
		*localPart = true
	default:
		if d.AsksLogin {
			return fmt.Errorf("a profile cannot describe the user name %q", u)
		}
	}
	return nil
}

func (d *description) password(p provider.Password) error {
	switch p.Kind {
	case provider.PasswordAccount:
	case provider.PasswordAppSpecific:
		d.AppSpecific = true
	case provider.PasswordUnstated:
		d.Unstated = true
	case provider.PasswordNone:
		return provider.ErrOAuth2Only
	default:
		return fmt.Errorf("a profile cannot describe the password %q", p.Kind)
	}
	if !p.Link.IsZero() {
		d.Link, d.Section = p.Link.String(), p.Section
	}
	d.TwoFactor = p.TwoFactor
	return nil
}
