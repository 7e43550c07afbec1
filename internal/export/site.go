package export

import (
	"strings"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
	"mailsetup/profiles"
)

const (
	// databaseFolder is a site of its own, that of the public URL: settings by
	// domain, as in Thunderbird's database, and generic profiles.
	databaseFolder = "ispdb"
	// hostsFolder has one folder for each host name, each the root of a site.
	hostsFolder = "hosts"
)

// pointerPath is a name that no client asks for. At document.JSONPath, which they do
// ask for, clients that want ActiveSync take any 200 as a yes and give up on IMAP
// (https://github.com/Mailu/Mailu/issues/3961); only a web server that checks the
// query can serve it.
const pointerPath = "/autodiscover/autodiscoverv1.json"

// services writes what belongs to the mail services: their own domains and mail
// exchangers in the database, and their profiles. Only the service itself can
// put hosts below its domains into DNS, so those get no folders.
func (w *writer) services() error {
	for _, p := range w.cfg.Table.Providers() {
		for _, d := range p.Domains {
			m, ok := w.cfg.Table.ByDomain(d)
			if !ok {
				continue
			}
			w.sum.Own++
			if err := w.service(m); err != nil {
				return err
			}
		}
		for _, d := range p.MX {
			// Thunderbird asks for the name of a mail exchanger without its first
			// label when it knows nothing about the address's own domain.
			if _, ok := w.cfg.Table.ByDomain(d); ok {
				continue
			}
			if err := w.service(provider.HostedAt(p, d)); err != nil {
				return err
			}
		}
		if !w.documents.Offers(document.Mobileconfig, p) {
			continue
		}
		profile, err := w.documents.Append(nil, document.Mobileconfig, p.Account())
		if err != nil {
			return err
		}
		if err := w.write(file{databaseFolder + document.ProfilePath + profiles.FileName(p), profile}); err != nil {
			return err
		}
	}
	return w.write(
		file{databaseFolder + "/_headers", databaseHeaders()},
		notFoundFile(databaseFolder),
	)
}

func (w *writer) service(m provider.Match) error {
	config, err := w.render(m, document.Autoconfig)
	if err != nil {
		return err
	}
	return w.database(m.Domain(), config)
}

// hosted writes the operator's own domains, one after the other, so that memory
// does not grow with the table.
func (w *writer) hosted() error {
	for d := range w.cfg.Table.Hosted() {
		m, ok := w.cfg.Table.ByDomain(d)
		if !ok {
			continue
		}
		w.sum.Hosted++
		if m.HasStatedLogins() {
			w.noteLogins(m)
		}
		config, err := w.render(m, document.Autoconfig)
		if err != nil {
			return err
		}
		if err := w.database(d, config); err != nil {
			return err
		}
		if w.cfg.DatabaseOnly {
			continue
		}
		if err := w.autoconfigHosts(d, config); err != nil {
			return err
		}
		if err := w.autodiscoverHost(m); err != nil {
			return err
		}
	}
	return nil
}

// noteLogins records domains with logins for the summary.
func (w *writer) noteLogins(m provider.Match) {
	if m.Account(provider.Address{}).Private() {
		w.sum.Login = append(w.sum.Login, m.Domain())
	} else {
		w.sum.Mapped = append(w.sum.Mapped, m.Domain())
	}
}

// database writes /v1.1/DOMAIN and /v1.1/DOMAIN.xml.
func (w *writer) database(d provider.Domain, config []byte) error {
	name := databaseFolder + document.DatabasePath + d.String()
	if !strings.HasSuffix(name, ".xml") {
		if err := w.write(file{name, config}); err != nil {
			return err
		}
	}
	return w.write(file{name + ".xml", config})
}

// autoconfigHosts writes the sites of a hosted domain where clients ask for
// config-v1.1. The domain itself already has a web site, so its folder
// contains only the one file to add.
func (w *writer) autoconfigHosts(d provider.Domain, config []byte) error {
	if document.MailDomain(d) == d { // a server serves no other as a mail domain
		if err := w.write(file{hostFolder(d) + document.WellKnownPath, config}); err != nil {
			return err
		}
	}
	host := d.Child(document.AutoconfigLabel)
	if host.IsZero() { // longer than DNS allows
		return nil
	}
	return w.write(
		file{hostFolder(host) + document.ConfigPath, config},
		file{hostFolder(host) + document.WellKnownPath, config},
		file{hostFolder(host) + document.MailV1Path, config},
		file{hostFolder(host) + "/_headers", autoconfigHeaders()},
		notFoundFile(hostFolder(host)),
	)
}

// autodiscoverHost writes the answer to a GET without an address, which Delta
// Chat sends, and with a public URL the pointer to it.
func (w *writer) autodiscoverHost(m provider.Match) error {
	host := m.Domain().Child(document.AutodiscoverLabel)
	if host.IsZero() || !w.documents.Offers(document.Autodiscover, m.Provider()) {
		return nil
	}
	pox, err := w.render(m, document.Autodiscover)
	if err != nil {
		return err
	}
	if err := w.write(
		file{hostFolder(host) + document.AutodiscoverPath, pox},
		file{hostFolder(host) + "/_headers", autodiscoverHeaders()},
		notFoundFile(hostFolder(host)),
	); err != nil {
		return err
	}
	if w.cfg.PublicURL.IsZero() {
		return nil // Outlook sends its POST to the URL in the pointer
	}
	pointer, err := w.render(m, document.JSON)
	if err != nil {
		return err
	}
	return w.write(file{hostFolder(host) + pointerPath, pointer})
}

func hostFolder(host provider.Domain) string { return hostsFolder + "/" + host.String() }
