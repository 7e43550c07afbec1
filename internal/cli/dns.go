package cli

import (
	"context"
	"errors"
	"net/netip"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/dnsrecords"
	"mailsetup/internal/provider"
)

func (p program) dnsCommand() *cli.Command {
	return &cli.Command{
		Name:      "dns",
		Usage:     "print the DNS records of a domain",
		ArgsUsage: "DOMAIN",
		Description: `Prints every record that the owner of DOMAIN should create, so that mail clients
find the server at --public-url. The mail service's own records (MX, SPF, DKIM)
are included for comparison. No name server is asked. FORMAT is one of

  table                 for people, and web forms
  zone                  a part of a zone file
  cloudflare            a zone file for Cloudflare's import
  terraform-cloudflare  resources of cloudflare/cloudflare 5
  terraform-route53     resources of hashicorp/aws
  octodns               a YAML zone of octoDNS
  json                  for programs`,
		Flags: []cli.Flag{
			oneOf("format", "FORMAT", dnsrecords.FormatTable.String(), "how to write them", named(dnsrecords.Formats)...),
			listFlag("server-ip", "IP", "the server's address, instead of its name"),
			switchFlag("srv-only", "a single SRV record, so that one certificate is enough"),
			switchFlag("no-null-srv", "leave out records that say what is not offered"),
		},
		Action: func(_ context.Context, cmd *cli.Command) error { return p.dns(cmd) },
	}
}

func (p program) dns(cmd *cli.Command) error {
	// Report everything that is missing at once.
	var domain provider.Domain
	argsErr := wantArgs(cmd, 1, 1)
	if argsErr == nil {
		domain, argsErr = domainArg(cmd.Args().First())
	}
	format, formatErr := dnsrecords.ParseFormat(cmd.String("format"))
	if formatErr != nil {
		formatErr = usagef("--format: %w", formatErr)
	}
	target, targetErr := serverTarget(cmd)
	table, err := p.tableSource(cmd).Load()
	if err != nil {
		return errors.Join(argsErr, formatErr, targetErr, err)
	}
	var m provider.Match
	var serviceErr error
	if argsErr == nil {
		m, serviceErr = serviceOf(table, domain)
	}
	if err := errors.Join(argsErr, formatErr, targetErr, serviceErr); err != nil {
		return err
	}
	set, err := dnsrecords.Records(dnsrecords.Config{
		Domain: domain, Provider: m.Provider(), Server: target,
		SRVOnly: cmd.Bool("srv-only"), NoNullSRV: cmd.Bool("no-null-srv"),
	})
	if errors.Is(err, dnsrecords.ErrTarget) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	text, err := set.Render(format)
	if err != nil {
		return err
	}
	return p.printDocument(text)
}

// domainArg reads a domain, or that of an address.
func domainArg(s string) (provider.Domain, error) {
	if a, err := provider.ParseAddress(s); err == nil {
		return a.Domain(), nil
	}
	d, err := provider.ParseDomain(s)
	if err != nil {
		return d, usagef("DOMAIN: %w", err)
	}
	return d, nil
}

// serverTarget reads where in DNS the server is.
func serverTarget(cmd *cli.Command) (dnsrecords.Target, error) {
	public, err := publicURL(cmd)
	if err != nil {
		return dnsrecords.Target{}, err
	}
	if public.IsZero() {
		return dnsrecords.Target{}, usagef("the records point to the server: say where it is, for example --public-url https://setup.example.com")
	}
	if cmd.Bool("srv-only") && !public.HTTPS() {
		return dnsrecords.Target{}, usagef("--srv-only: clients follow an SRV record only by https; give an https URL with --public-url")
	}
	var addresses []netip.Addr
	if public.Address().IsValid() {
		addresses = append(addresses, public.Address())
	}
	for _, text := range cmd.StringSlice("server-ip") {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return dnsrecords.Target{}, usagef("--server-ip: invalid IP address %q; write it as 192.0.2.10 or 2001:db8::10", text)
		}
		addresses = append(addresses, ip)
	}
	target, err := dnsrecords.NewTarget(public.Domain(), addresses...)
	if err != nil {
		return dnsrecords.Target{}, usageError{err}
	}
	target.Port = public.Port()
	return target, nil
}
