package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"mailsetup/internal/dnsrecords"
	"mailsetup/internal/provider"
)

// Config says what to look at and how.
type Config struct {
	// Table is what the domain's settings are held against.
	Table *provider.Table
	// Domain is the mail domain. One that the table does not have is recognised
	// by its mail exchanger.
	Domain provider.Domain
	// Server is where mailsetup is reached, for cures. Zero: it is taken from the
	// records that lead to a working server, if there are any.
	Server dnsrecords.Target
	// Resolvers are asked in turn, each as HOST:PORT. The second is asked where the
	// first fails, not where it says no.
	Resolvers []string
	// Roots are the certificate authorities to trust; nil: those of the system.
	Roots *x509.CertPool
	// Dial opens every connection, those to resolvers ("udp" and "tcp") included;
	// nil: that of net.Dialer. Addresses are numeric, save those of resolvers.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// AllowPrivate lets the doctor connect to loopback, link-local, private and
	// metadata addresses. Without it such an address is a problem and is not dialled,
	// whoever named it: who controls a domain's DNS would choose where it goes.
	AllowPrivate bool
	// Now tells the time by which certificates are judged; nil: time.Now.
	Now func() time.Time
	// Progress is told what is being done, in a few words; may be nil.
	Progress func(string)
	Limits   Limits
}

// Limits bound what one check costs. Zero fields take the values in brackets.
type Limits struct {
	// Overall ends everything (10 s).
	Overall time.Duration
	// Query is how long one DNS server is given for one question (2 s).
	Query time.Duration
	// Connect is for a connection with its TLS handshake (3 s).
	Connect time.Duration
	// Answer is for an HTTP request, redirects included, and for the talk with a
	// mail server (5 s: what Thunderbird gives a server).
	Answer time.Duration
	// Queries is the number of DNS questions (64), Connections that of
	// connections at a time (20).
	Queries, Connections int
}

func (l *Limits) setDefaults() {
	set := func(d *time.Duration, standard time.Duration) {
		if *d == 0 {
			*d = standard
		}
	}
	set(&l.Overall, 10*time.Second)
	set(&l.Query, 2*time.Second)
	set(&l.Connect, 3*time.Second)
	set(&l.Answer, 5*time.Second)
	if l.Queries == 0 {
		l.Queries = 64
	}
	if l.Connections == 0 {
		l.Connections = 20
	}
}

var (
	// ErrNoService is wrapped by the error for a domain that neither the table nor
	// its mail exchanger assigns to a mail service.
	ErrNoService = errors.New("no mail service of the table is known for the domain")
	// ErrNoResolver is wrapped by the error for a Config without resolvers.
	ErrNoResolver = errors.New("no DNS resolver is known")
)

// A check is one run.
type check struct {
	Config
	match   provider.Match
	address provider.Address // the made-up mailbox
	dns     *resolver
	slots   chan struct{} // connections at a time

	mu    sync.Mutex
	peers map[string]*peer // by host:port, what connecting to it came to
}

// mailbox is the local part of the address in whose name the doctor asks. Nobody
// has it, and its name tells whoever reads a server's log what it was.
const mailbox = "setup-check"

// Check looks at a domain. Its errors wrap [ErrNoService] or [ErrNoResolver], or
// are about the domain's length; everything else is in the report.
func Check(ctx context.Context, cfg Config) (Report, error) {
	if len(cfg.Resolvers) == 0 {
		return Report{}, fmt.Errorf("%w: name one with --resolver HOST:PORT", ErrNoResolver)
	}
	cfg.Limits.setDefaults()
	if cfg.Dial == nil {
		cfg.Dial = new(net.Dialer).DialContext
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Progress == nil {
		cfg.Progress = func(string) {}
	}
	address, err := provider.ParseAddress(mailbox + "@" + cfg.Domain.String())
	if err != nil || cfg.Domain.Child("autodiscover").IsZero() {
		return Report{}, errors.New("the domain is so long that no client could ask for an address in it")
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.Limits.Overall)
	defer cancel()
	c := &check{
		Config:  cfg,
		address: address,
		dns:     newResolver(cfg),
		slots:   make(chan struct{}, cfg.Limits.Connections),
		peers:   make(map[string]*peer),
	}
	return c.run(ctx)
}

func (c *check) run(ctx context.Context) (Report, error) {
	d := newDiagnosis(c)
	c.Progress("asking DNS about " + c.Domain.String())
	mx := c.dns.ask(ctx, c.Domain.String(), typeMX)
	if err := c.identify(mx); err != nil {
		return Report{}, err
	}
	if c.match.Provider == nil {
		// Not in the table, and DNS did not say: nothing to hold anything against.
		d.unknownDNS(c.Domain.String(), mx.err)
		return d.report(nil), nil
	}

	// The mail servers have nothing to do with the domain's own names, nor have
	// its name servers with what they answer.
	var wg sync.WaitGroup
	var mail []mailCheck
	wg.Go(func() { mail = c.mailServers(ctx) })
	z := c.readZone(ctx, mx)
	var views []view
	wg.Go(func() { views = c.authoritative(ctx, z.nameServers) })

	c.Progress("connecting to " + c.Domain.String() + " and the names below it")
	hosts := c.connectAll(ctx, z)
	c.Progress("asking as each mail client asks")
	web := c.askAll(ctx, hosts)
	searches := web.discover(ctx)
	c.Progress("waiting for the mail servers")
	wg.Wait()

	d.judgeZone(z, views)
	d.judgeHosts(z, hosts)
	d.documents(z, web)
	d.certificateAuthorities(z, hosts)
	d.judgeMail(mail)
	d.logins()
	return d.report(searches), nil
}

// identify finds the mail service of the domain.
func (c *check) identify(mx answer) error {
	var ok bool
	if c.match, ok = c.Table.ByDomain(c.Domain); ok || mx.err != nil {
		return nil
	}
	for _, x := range mx.exchangers() {
		host, err := provider.ParseDomain(x)
		if err != nil {
			continue
		}
		if p, ok := c.Table.ByMX(host); ok {
			c.match = provider.HostedAt(p, c.Domain)
			return nil
		}
	}
	ids := make([]string, 0, 3)
	for _, p := range c.Table.Providers() {
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	return fmt.Errorf("%w: %s; say where its mail is with --domain %s=%s", ErrNoService, c.Domain, c.Domain, ids[0])
}

// slot waits until another connection may be opened; its result gives the slot
// back.
func (c *check) slot(ctx context.Context) (release func(), err error) {
	select {
	case c.slots <- struct{}{}:
		return func() { <-c.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
