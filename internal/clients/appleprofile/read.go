package appleprofile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"mailsetup/internal/clients"
	"mailsetup/internal/provider"
)

// Reading is how Apple's devices read a profile.
var Reading = clients.Reading{Format: clients.Profile, Read: read}

func read(ans clients.Answer, _ provider.Address) (clients.Settings, error) {
	if ans.Status != 200 {
		return clients.Settings{}, next("status %d", ans.Status)
	}
	// With any other type Safari saves the file instead of offering to install it:
	// https://github.com/mjl-/mox/commit/636bb91
	if ans.ContentType != "application/x-apple-aspen-config" {
		return clients.Settings{}, deadEnd("the content type is not that of a profile")
	}
	profile, err := check(ans.Body)
	if err != nil {
		return clients.Settings{}, deadEnd("%v", err)
	}
	for _, p := range profile.dict["PayloadContent"].items {
		if p.dict["PayloadType"].text == "com.apple.mail.managed" {
			return appleMail(p)
		}
	}
	return clients.Settings{}, deadEnd("no mail payload")
}

// appleMail reads a mail payload that has passed check.
func appleMail(p *plistValue) (clients.Settings, error) {
	if p.dict["EmailAccountType"].text != "EmailTypeIMAP" {
		return clients.Settings{}, deadEnd("an account of type POP")
	}
	var s clients.Settings
	asks := func(key string) {
		if p.dict[key] == nil {
			s.Asks = append(s.Asks, key)
		}
	}
	asks("EmailAddress")
	server := func(which string) clients.ServerSettings {
		v := clients.ServerSettings{Host: p.dict[which+"MailServerHostName"].text, Security: clients.Plaintext}
		if ssl := p.dict[which+"MailServerUseSSL"]; ssl != nil && ssl.kind == "true" {
			// One switch for both: Apple's example has it on with port 587,
			// https://developer.apple.com/documentation/devicemanagement/mail
			v.Security = clients.AnyTLS
		}
		if port := p.dict[which+"MailServerPortNumber"]; port != nil {
			v.Port, _ = strconv.Atoi(port.text) // absent and outgoing: 25, 587, 465 in turn
		}
		v.Auth = appleAuthOf(p.dict[which+"MailServerAuthentication"].text)
		if login := p.dict[which+"MailServerUsername"]; login != nil {
			v.Login, v.Stated = login.text, true
		} else if v.Auth != clients.AuthNone {
			asks(which + "MailServerUsername")
		}
		return v
	}
	s.Incoming, s.Outgoing = server("Incoming"), server("Outgoing")
	return s, nil
}

// appleAuthOf reads a value from the schema's list.
func appleAuthOf(s string) clients.Auth {
	switch s {
	case "EmailAuthPassword":
		return clients.AuthPassword
	case "EmailAuthCRAMMD5", "EmailAuthHTTPMD5":
		return clients.AuthEncrypted
	case "EmailAuthNTLM":
		return clients.AuthSPA
	}
	return clients.AuthNone
}

// Check reads an unsigned profile and checks it against Apple's keys. The error
// joins everything that is wrong with it, and does not quote the profile.
func Check(body []byte) error {
	_, err := check(body)
	return err
}

func check(body []byte) (*plistValue, error) {
	profile, err := readPlist(body)
	if err != nil {
		return nil, err
	}
	if profile.kind != "dict" {
		return nil, errors.New("the profile is not a dictionary")
	}
	c := &profileCheck{seen: map[string]bool{}}
	c.dictionary("profile", profile, topLevelKeys)
	content := profile.dict["PayloadContent"]
	if content == nil || len(content.items) == 0 {
		c.add("there is no payload")
	} else {
		for i, p := range content.items {
			c.payload(fmt.Sprintf("payload %d", i+1), p, profile.dict["PayloadIdentifier"])
		}
	}
	return profile, errors.Join(c.found...)
}

type profileCheck struct {
	found []error
	seen  map[string]bool // identifiers and UUIDs
}

func (c *profileCheck) add(format string, args ...any) {
	c.found = append(c.found, fmt.Errorf(format, args...))
}

func (c *profileCheck) payload(where string, p, outer *plistValue) {
	if p.kind != "dict" {
		c.add("%s is not a dictionary", where)
		return
	}
	kind := p.dict["PayloadType"]
	if kind == nil || payloadKeys[kind.text] == nil {
		c.add("%s has an unknown PayloadType", where)
		return
	}
	c.dictionary(where, p, slices.Concat(commonKeys, payloadKeys[kind.text]))
	if inner := p.dict["PayloadIdentifier"]; outer != nil && inner != nil && !strings.HasPrefix(inner.text, outer.text+".") {
		c.add("%s: PayloadIdentifier is not the profile's with a component appended", where)
	}
}

func (c *profileCheck) dictionary(where string, d *plistValue, keys []appleKey) {
	for _, k := range keys {
		v := d.dict[k.name]
		switch {
		case v == nil && k.required:
			c.add("%s: %s is missing", where, k.name)
		case v != nil && k.not != "":
			c.add("%s: %s: %s", where, k.name, k.not)
		case v != nil:
			c.value(where, k, v)
		}
	}
	for _, name := range d.keys {
		if !slices.ContainsFunc(keys, func(k appleKey) bool { return k.name == name }) {
			c.add("%s: unknown key %s", where, name)
		}
	}
}

// value does not quote the profile: the text may be an address.
func (c *profileCheck) value(where string, k appleKey, v *plistValue) {
	kind := v.kind
	if kind == "true" || kind == "false" {
		kind = "bool"
	}
	if kind != k.kind {
		c.add("%s: %s is <%s> instead of %s", where, k.name, v.kind, k.kind)
		return
	}
	if kind == "string" && v.text == "" {
		// The device uses it as the value instead of asking:
		// https://github.com/inverse-inc/packetfence/issues/2671
		c.add("%s: %s is empty", where, k.name)
	}
	if strings.ContainsFunc(v.text, func(r rune) bool { return r == unicode.ReplacementChar || unicode.IsControl(r) }) {
		c.add("%s: %s contains an invalid character", where, k.name)
	}
	if k.values != nil && !slices.Contains(k.values, v.text) {
		c.add("%s: %s has a value that is not allowed", where, k.name)
	}
	if k.form != nil && !k.form.MatchString(v.text) {
		c.add("%s: %s has an invalid form", where, k.name)
	}
	if strings.HasSuffix(k.name, "PortNumber") || strings.HasSuffix(k.name, "Port") {
		if port, err := strconv.Atoi(v.text); err != nil || port < 1 || port > 65535 {
			c.add("%s: invalid port %s", where, k.name)
		}
	}
	if k.name == "PayloadIdentifier" || k.name == "PayloadUUID" {
		if c.seen[v.text] {
			c.add("%s: duplicate %s in the profile", where, k.name)
		}
		c.seen[v.text] = true
	}
}

func next(format string, args ...any) error {
	return fmt.Errorf("%w: %s", clients.ErrNext, fmt.Sprintf(format, args...))
}

func deadEnd(format string, args ...any) error {
	return fmt.Errorf("%w: %s", clients.ErrDeadEnd, fmt.Sprintf(format, args...))
}
