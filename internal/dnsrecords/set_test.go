package dnsrecords_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/dnsrecords"
	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// services are mail services besides iCloud, with every kind of server that an SRV
// record can name.
const services = `
providers:
  smtps:
    name: Example Mail
    domains: [mail.example]
    imap:
      - {host: imap.mail.example, port: 993, security: tls, username: address}
    smtp:
      - {host: smtp.mail.example, port: 465, security: tls, username: address}
    password: {kind: account}
  starttls:
    name: Upgrading Mail
    domains: [upgrading.example]
    imap:
      - {host: mail.upgrading.example, port: 143, security: starttls, username: address}
    smtp:
      - {host: mail.upgrading.example, port: 587, security: starttls, username: address}
    password: {kind: account}
  both:
    name: Both Mail
    domains: [both.example]
    imap:
      - {host: mail.both.example, port: 993, security: tls, username: address}
      - {host: mail.both.example, port: 143, security: starttls, username: address}
    smtp:
      - {host: mail.both.example, port: 587, security: starttls, username: address}
    password: {kind: account}
`

// config makes the configuration for a domain at a service, with the server at a
// host and further addresses.
func config(t *testing.T, domain, service, host string, addresses ...string) dnsrecords.Config {
	t.Helper()
	p, ok := providertest.Table(t, services).Provider(service)
	if !ok {
		t.Fatalf("no provider %s", service)
	}
	var ips []netip.Addr
	for _, text := range append([]string{host}, addresses...) {
		if ip, err := netip.ParseAddr(text); err == nil {
			ips = append(ips, ip)
		}
	}
	var name provider.Domain
	if len(ips) == len(addresses) {
		name, _ = provider.ParseDomain(host) // localhost is not a name that others know
	}
	server, err := dnsrecords.NewTarget(name, ips...)
	if err != nil {
		t.Fatal(err)
	}
	return dnsrecords.Config{Domain: providertest.Domain(t, domain), Provider: p, Server: server}
}

func records(t *testing.T, cfg dnsrecords.Config) dnsrecords.Set {
	t.Helper()
	set, err := dnsrecords.Records(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// cases are the sets for the golden files and for the readers of every format.
func cases(t *testing.T) map[string]dnsrecords.Set {
	srvOnly := config(t, "example.com", "icloud", "mailsetup.example.net")
	srvOnly.SRVOnly = true
	srvOnly.Server.Port = 8443
	noNull := config(t, "example.com", "icloud", "mailsetup.example.net")
	noNull.NoNullSRV = true
	return map[string]dnsrecords.Set{
		"alias":       records(t, config(t, "example.com", "icloud", "mailsetup.example.net")),
		"address":     records(t, config(t, "example.com", "icloud", "192.0.2.10", "2001:db8::10", "192.0.2.11")),
		"srv-only":    records(t, srvOnly),
		"no-null-srv": records(t, noNull),
		"smtps":       records(t, config(t, "post.bücher.example", "smtps", "mailsetup.example.net")),
	}
}

// lines writes records one per line, without their purpose.
func lines(list []dnsrecords.Record) []string {
	var out []string
	for _, r := range list {
		out = append(out, fmt.Sprintf("%s %s %s %s", r.Necessity, r.Name, r.Data.Type(), r.Data))
	}
	return out
}

// TestRecords compares the records with those that the mail service's documents
// and RFC 6186 ask for. A wrong one sends clients to a host that is not a mail
// server.
func TestRecords(t *testing.T) {
	srvOnly := config(t, "example.com", "icloud", "mailsetup.example.net")
	srvOnly.SRVOnly = true
	icloud := []string{
		"check example.com MX 10 mx01.mail.icloud.com.",
		"check example.com MX 10 mx02.mail.icloud.com.",
		`check example.com TXT "v=spf1 include:icloud.com ~all"`,
		"check sig1._domainkey.example.com CNAME sig1.dkim.example.com.at.icloudmailadmin.com.",
	}
	for _, test := range []struct {
		name string
		cfg  dnsrecords.Config
		want []string
	}{
		{"iCloud by alias", config(t, "example.com", "icloud", "mailsetup.example.net"), append([]string{
			"required autoconfig.example.com CNAME mailsetup.example.net.",
			"required autodiscover.example.com CNAME mailsetup.example.net.",
			"optional _imaps._tcp.example.com SRV 0 1 993 imap.mail.me.com.",
			"optional _submission._tcp.example.com SRV 0 1 587 smtp.mail.me.com.",
			"optional _imap._tcp.example.com SRV 0 0 0 .",
			"optional _pop3._tcp.example.com SRV 0 0 0 .",
			"optional _pop3s._tcp.example.com SRV 0 0 0 .",
		}, icloud...)},
		// The server has one of the names that clients ask, so neither can be an
		// alias. The IPv6 address came first; records of one type are listed
		// together.
		{"iCloud by address", config(t, "example.com", "icloud", "autoconfig.example.com", "2001:db8::10", "192.0.2.10", "::ffff:192.0.2.10"), append([]string{
			"required autoconfig.example.com A 192.0.2.10",
			"required autoconfig.example.com AAAA 2001:db8::10",
			"required autodiscover.example.com A 192.0.2.10",
			"required autodiscover.example.com AAAA 2001:db8::10",
			"optional _autodiscover._tcp.example.com SRV 0 0 443 autodiscover.example.com.",
			"optional _imaps._tcp.example.com SRV 0 1 993 imap.mail.me.com.",
			"optional _submission._tcp.example.com SRV 0 1 587 smtp.mail.me.com.",
			"optional _imap._tcp.example.com SRV 0 0 0 .",
			"optional _pop3._tcp.example.com SRV 0 0 0 .",
			"optional _pop3s._tcp.example.com SRV 0 0 0 .",
		}, icloud...)},
		{"iCloud by SRV only", srvOnly, append([]string{
			"required _autodiscover._tcp.example.com SRV 0 0 443 mailsetup.example.net.",
			"optional _imaps._tcp.example.com SRV 0 1 993 imap.mail.me.com.",
			"optional _submission._tcp.example.com SRV 0 1 587 smtp.mail.me.com.",
			"optional _imap._tcp.example.com SRV 0 0 0 .",
			"optional _pop3._tcp.example.com SRV 0 0 0 .",
			"optional _pop3s._tcp.example.com SRV 0 0 0 .",
		}, icloud...)},
		{"submission with TLS from the start", config(t, "bücher.example", "smtps", "bücher.example"), []string{
			"required autoconfig.xn--bcher-kva.example CNAME xn--bcher-kva.example.",
			"required autodiscover.xn--bcher-kva.example CNAME xn--bcher-kva.example.",
			"recommended _imaps._tcp.xn--bcher-kva.example SRV 0 1 993 imap.mail.example.",
			"recommended _submissions._tcp.xn--bcher-kva.example SRV 0 1 465 smtp.mail.example.",
			"optional _imap._tcp.xn--bcher-kva.example SRV 0 0 0 .",
			"optional _pop3._tcp.xn--bcher-kva.example SRV 0 0 0 .",
			"optional _pop3s._tcp.xn--bcher-kva.example SRV 0 0 0 .",
		}},
		{"IMAP with STARTTLS", config(t, "example.com", "starttls", "mailsetup.example.net"), []string{
			"required autoconfig.example.com CNAME mailsetup.example.net.",
			"required autodiscover.example.com CNAME mailsetup.example.net.",
			"recommended _imap._tcp.example.com SRV 0 1 143 mail.upgrading.example.",
			"recommended _submission._tcp.example.com SRV 0 1 587 mail.upgrading.example.",
			"optional _imaps._tcp.example.com SRV 0 0 0 .",
			"optional _pop3._tcp.example.com SRV 0 0 0 .",
			"optional _pop3s._tcp.example.com SRV 0 0 0 .",
		}},
		// The alternative server exists, so no record may deny it.
		{"IMAP of both kinds", config(t, "example.com", "both", "mailsetup.example.net"), []string{
			"required autoconfig.example.com CNAME mailsetup.example.net.",
			"required autodiscover.example.com CNAME mailsetup.example.net.",
			"recommended _imaps._tcp.example.com SRV 0 1 993 mail.both.example.",
			"recommended _submission._tcp.example.com SRV 0 1 587 mail.both.example.",
			"optional _pop3._tcp.example.com SRV 0 0 0 .",
			"optional _pop3s._tcp.example.com SRV 0 0 0 .",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, lines(records(t, test.cfg).Records)); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNoNullSRV: some DNS providers refuse the whole import for one negative
// record.
func TestNoNullSRV(t *testing.T) {
	with := cases(t)["alias"]
	without := cases(t)["no-null-srv"]
	var want []dnsrecords.Record
	for _, r := range with.Records {
		if !r.Negative() {
			want = append(want, r)
		}
	}
	if len(want) == len(with.Records) {
		t.Fatal("there was nothing to leave out")
	}
	if diff := cmp.Diff(lines(want), lines(without.Records)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if !strings.Contains(strings.Join(without.Remarks, "\n"), "left out") {
		t.Errorf("no remark about it: %q", without.Remarks)
	}
}

// TestZoneRules: name servers refuse a zone that breaks these rules, or answer at
// random. A name with a CNAME has no other record (RFC 1034, section 3.6.2), and
// the target of an SRV record has none (RFC 2782).
func TestZoneRules(t *testing.T) {
	for name, set := range cases(t) {
		perName := make(map[string][]dnsrecords.Record)
		for _, r := range set.Records {
			perName[r.Name.String()] = append(perName[r.Name.String()], r)
		}
		alias := func(name string) bool {
			for _, r := range perName[name] {
				if _, ok := r.Data.(dnsrecords.CNAME); ok {
					return true
				}
			}
			return false
		}
		for owner, list := range perName {
			if alias(owner) && len(list) > 1 {
				t.Errorf("%s: %s is an alias and has %d records", name, owner, len(list))
			}
		}
		for _, r := range set.Records {
			srv, ok := r.Data.(dnsrecords.SRV)
			if ok && alias(srv.Target.String()) {
				t.Errorf("%s: %s leads to the alias %s", name, r.Name, srv.Target)
			}
			if r.Negative() && srv != (dnsrecords.SRV{}) {
				t.Errorf("%s: %s is negative with %s", name, r.Name, srv)
			}
		}
	}
}

// TestThunderbirdAsked: Thunderbird's question whether to trust another domain
// must not come as a surprise.
func TestThunderbirdAsked(t *testing.T) {
	for host, asked := range map[string]bool{
		"mailsetup.example.net":         true,
		"mailsetup.example.co.uk":       true,
		"mailsetup.example.com":         false,
		"mailsetup.servers.example.com": false,
	} {
		cfg := config(t, "mail.example.com", "icloud", host)
		cfg.SRVOnly = true
		remarks := strings.Join(records(t, cfg).Remarks, "\n")
		if got := strings.Contains(remarks, "Thunderbird asks its user"); got != asked {
			t.Errorf("%s: warned is %v, want %v", host, got, asked)
		}
	}
}

// TestPort: the records cannot carry the port of --public-url, and clients ask
// the usual one.
func TestPort(t *testing.T) {
	cfg := config(t, "example.com", "icloud", "mailsetup.example.net")
	for port, told := range map[uint16]bool{0: false, 443: false, 8443: true} {
		cfg.Server.Port = port
		remarks := strings.Join(records(t, cfg).Remarks, "\n")
		if got := strings.Contains(remarks, "ports 443"); got != told {
			t.Errorf("port %d: remark is %v, want %v", port, got, told)
		}
	}
}

func TestRecordsRefuses(t *testing.T) {
	srvOnly := func(cfg dnsrecords.Config) dnsrecords.Config {
		cfg.SRVOnly = true
		return cfg
	}
	for _, test := range []struct {
		name string
		cfg  dnsrecords.Config
		is   error
		says string
	}{
		{"the service's own domain", config(t, "me.com", "icloud", "mailsetup.example.net"), dnsrecords.ErrOwnDomain, "me.com is a domain of iCloud Mail"},
		{"an alias of itself", config(t, "example.com", "icloud", "autoconfig.example.com"), dnsrecords.ErrTarget, "--server-ip"},
		{"an alias of itself, for Outlook", config(t, "example.com", "icloud", "autodiscover.example.com"), dnsrecords.ErrTarget, "--server-ip"},
		{"a name that is not in DNS", config(t, "example.com", "icloud", "localhost"), dnsrecords.ErrTarget, "--public-url"},
		{"an SRV record to an address", srvOnly(config(t, "example.com", "icloud", "192.0.2.10")), dnsrecords.ErrTarget, "--public-url"},
		{"an SRV record and an address", srvOnly(config(t, "example.com", "icloud", "mailsetup.example.net", "192.0.2.10")), dnsrecords.ErrTarget, "--srv-only"},
		{"a domain without room for the names", config(t, strings.Repeat("a.", 120)+"example", "icloud", "mailsetup.example.net"), nil, "too long to put autoconfig"},
		{"a domain without room for the services", config(t, strings.Repeat("a.", 114)+"example", "icloud", "192.0.2.10"), nil, "too long to put _autodiscover._tcp"},
	} {
		t.Run(test.name, func(t *testing.T) {
			set, err := dnsrecords.Records(test.cfg)
			if err == nil {
				t.Fatalf("made %v", lines(set.Records))
			}
			if test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %q, want one that is %v and says %q", err, test.is, test.says)
			}
		})
	}
}

func TestNewTarget(t *testing.T) {
	got, err := dnsrecords.NewTarget(provider.Domain{}, netip.MustParseAddr("2001:DB8::10"), netip.MustParseAddr("192.0.2.10"), netip.MustParseAddr("::ffff:192.0.2.10"))
	want := []netip.Addr{netip.MustParseAddr("2001:db8::10"), netip.MustParseAddr("192.0.2.10")}
	if diff := cmp.Diff(want, got.Addresses, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); err != nil || diff != "" {
		t.Errorf("addresses (-want +got), %v:\n%s", err, diff)
	}
	if got.Name != (provider.Domain{}) {
		t.Errorf("an address became the name %s", got.Name)
	}
	// Addresses at which others cannot reach the server.
	for _, address := range []string{"127.0.0.1", "::1", "0.0.0.0", "::", "169.254.1.1", "fe80::1", "fe80::1%eth0", "2001:db8::1%eth0", "224.0.0.1", "ff02::1", "255.255.255.255", "::ffff:127.0.0.1"} {
		if got, err := dnsrecords.NewTarget(providertest.Domain(t, "mailsetup.example.net"), netip.MustParseAddr(address)); !errors.Is(err, dnsrecords.ErrTarget) {
			t.Errorf("%q became %v, %v", address, got.Addresses, err)
		}
	}
}
