package export

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
)

const (
	// rolloutFolder contains files that an administrator puts on people's computers where
	// DNS cannot help: for a mail service's own domains, and for hosted ones on computers
	// that must not depend on DNS.
	rolloutFolder = "rollout"
	// outlookFolder is where outlook.reg expects the XML files on a computer:
	// it exists on every Windows since Vista and everybody can read it.
	outlookFolder = `C:\ProgramData\mailsetup`
)

func (w *writer) rollout() error {
	var outlook []provider.Domain
	for d := range w.rolledOut() {
		m, ok := w.cfg.Table.ByDomain(d)
		if !ok {
			continue
		}
		config, err := w.render(m, document.Autoconfig)
		if err != nil {
			return err
		}
		// Thunderbird asks its own folder first: fetchConfigFromDisk in
		// mail/components/accountcreation/modules/FetchConfig.sys.mjs of
		// mozilla/releases-comm-central.
		if err := w.write(file{rolloutFolder + "/thunderbird/isp/" + d.String() + ".xml", config}); err != nil {
			return err
		}
		if !w.documents.Offers(document.Autodiscover, m.Provider()) {
			continue
		}
		pox, err := w.render(m, document.Autodiscover)
		if err != nil {
			return err
		}
		if err := w.write(file{rolloutFolder + "/outlook/" + d.String() + ".xml", pox}); err != nil {
			return err
		}
		outlook = append(outlook, d)
	}
	if err := w.write(file{rolloutFolder + "/outlook/outlook.reg", outlookRegistry(outlook)}); err != nil {
		return err
	}
	if w.cfg.PublicURL.IsZero() {
		return nil // the policy consists only of this URL
	}
	policy, err := thunderbirdPolicy(w.cfg.PublicURL)
	if err != nil {
		return err
	}
	return w.write(file{rolloutFolder + "/thunderbird/policies.json", policy})
}

// rolledOut yields the domains for which computers get files: the services' own, and the
// hosted ones unless the table is too large for that.
func (w *writer) rolledOut() iter.Seq[provider.Domain] {
	return func(yield func(provider.Domain) bool) {
		for _, p := range w.cfg.Table.Providers() {
			for _, d := range p.Domains {
				if !yield(d) {
					return
				}
			}
		}
		if w.cfg.DatabaseOnly {
			return
		}
		for d := range w.cfg.Table.Hosted() {
			if !yield(d) {
				return
			}
		}
	}
}

// thunderbirdPolicy makes Thunderbird ask the public URL instead of Mozilla's
// database; Thunderbird appends the domain.
func thunderbirdPolicy(public document.PublicURL) ([]byte, error) {
	type preference struct{ Value, Status string }
	type policies struct{ Preferences map[string]preference }
	text, err := json.MarshalIndent(map[string]policies{
		"policies": {Preferences: map[string]preference{
			"mailnews.auto_config_url": {Value: public.String() + document.DatabasePath, Status: "default"},
		}},
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("the policy for Thunderbird: %w", err)
	}
	return append(text, '\n'), nil
}

// outlookRegistry points classic Outlook to a local file for each domain. The key and
// PreferLocalXML, which puts such files before the web, are Microsoft's:
// https://learn.microsoft.com/outlook/troubleshoot/profiles-and-accounts/unexpected-autodiscover-behavior
//
// Administrators report that the value with the file's path is named after the domain, as
// in https://portal.smartertools.com/community/a93872/streamlining-autodiscover.aspx
//
// 16.0 is every Outlook since 2016. Registry files have CRLF line ends.
func outlookRegistry(domains []provider.Domain) []byte {
	lines := []string{
		"Windows Registry Editor Version 5.00",
		"",
		`[HKEY_CURRENT_USER\Software\Microsoft\Office\16.0\Outlook\AutoDiscover]`,
		`"PreferLocalXML"=dword:00000001`,
	}
	for _, d := range domains {
		path := outlookFolder + `\` + d.String() + ".xml"
		lines = append(lines, fmt.Sprintf(`"%s"="%s"`, d, strings.ReplaceAll(path, `\`, `\\`)))
	}
	return []byte(strings.Join(lines, "\r\n") + "\r\n")
}
