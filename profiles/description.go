package profiles

import (
	"fmt"
	"strings"

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

// accountLabel names the account in Mail. The address distinguishes it from
// an account that the device may already have at the provider.
func accountLabel(a provider.Account) string {
	if a.Address.IsZero() {
		return a.Provider.Name
	}
	return a.Address.String()
}

// describe writes what people read before they agree to the installation: what
// the profile does, and what to enter when the device asks.
func describe(a provider.Account) (string, error) {
	var text []string
	if a.Address.IsZero() {
		text = append(text, fmt.Sprintf("Sets up an account at %s for reading and sending mail.", a.Provider.Name))
	} else {
		text = append(text, fmt.Sprintf("Sets up %s at %s for reading and sending mail.", a.Address, a.Provider.Name))
	}
	if a.Incoming.Login.Name.IsZero() || a.Outgoing.Login.Name.IsZero() {
		logins, err := describeLogins(a)
		if err != nil {
			return "", err
		}
		text = append(text, logins)
	}
	password, err := describePassword(a.Provider.Password)
	if err != nil {
		return "", err
	}
	// An account that came with a profile can't be deleted on its own.
	text = append(text, password, "Remove this profile to remove the account.")
	return strings.Join(text, " "), nil
}

func describeLogins(a provider.Account) (string, error) {
	in, err := describeUsername(a.Incoming.Username)
	if err != nil {
		return "", err
	}
	out, err := describeUsername(a.Outgoing.Username)
	if err != nil {
		return "", err
	}
	from := "e-mail address"
	if domains := a.Provider.LoginDomains; len(domains) > 0 {
		from = "address at " + either(domains)
	}
	if in == out {
		return fmt.Sprintf("When asked for a user name, enter %s your %s.", in, from), nil
	}
	return fmt.Sprintf("When asked for a user name, enter %s your %s for incoming mail, and %s it for outgoing mail.", in, from, out), nil
}

func describeUsername(u provider.Username) (string, error) {
	switch u {
	case provider.UsernameAddress:
		return "the whole of", nil
	case provider.UsernameLocalPart:
		return "the part before the @ of", nil
	}
	return "", fmt.Errorf("a profile cannot describe the user name %q", u)
}

func describePassword(p provider.Password) (string, error) {
	var text string
	switch p.Kind {
	case provider.PasswordAccount:
		text = "When asked for a password, enter the password of your account."
		if !p.Link.IsZero() {
			text += " You can change it at " + place(p) + "."
		}
	case provider.PasswordAppSpecific:
		text = "When asked for a password, enter an app-specific password, not the password of your account."
		if !p.Link.IsZero() {
			text += " You can make one at " + place(p) + "."
		}
	case provider.PasswordUnstated:
		text = "When asked for a password, enter the one that mail programs need there: the password of your account, or one that you made for the program. The mail service says which."
	case provider.PasswordNone:
		return "", provider.ErrOAuth2Only
	default:
		return "", fmt.Errorf("a profile cannot describe the password %q", p.Kind)
	}
	if p.TwoFactor {
		text += " Two-factor authentication must be on for your account."
	}
	return text, nil
}

func place(p provider.Password) string {
	if p.Section == "" {
		return p.Link.String()
	}
	return fmt.Sprintf("%s under %s", p.Link, p.Section)
}

// either lists domains as in "a, b or c".
func either(domains []provider.Domain) string {
	names := make([]string, len(domains))
	for i, d := range domains {
		names[i] = d.String()
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
