package probe

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"mailsetup/internal/clients"
	"mailsetup/internal/provider"
)

// Config says what to check and how.
type Config struct {
	// Domain is the mail domain.
	Domain provider.Domain
	// Resolvers are asked in turn, each as HOST:PORT; at least one. The second is
	// asked if the first fails, not if it says no.
	Resolvers []string
	// Roots are the certificate authorities to trust; nil: those of the system.
	Roots *x509.CertPool
	// Dial opens every connection, those to resolvers ("udp" and "tcp") included;
	// nil: that of net.Dialer. Addresses are numeric, except those of resolvers.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// AllowPrivate lets it connect to loopback, link-local, private and metadata
	// addresses. Without it such an address is never dialled: otherwise, whoever
	// controls a domain's DNS could choose where the program connects.
	AllowPrivate bool
	// Now returns the time for which certificates are judged; nil: time.Now.
	Now func() time.Time
	// Progress is called with what is being done, in a few words; may be nil.
	Progress func(string)
	Limits   Limits
	// MailMemory is shared by the checks of many domains, so that a mail service is
	// not asked for each of them; nil: nothing is cached.
	MailMemory *MailMemory
}

// Limits are the limits of one check. Zero fields get the values in brackets.
type Limits struct {
	// Overall ends everything (10 s).
	Overall time.Duration
	// Query is how long one DNS server may take for one query (2 s).
	Query time.Duration
	// Connect is for a connection with its TLS handshake (3 s).
	Connect time.Duration
	// Answer is for an HTTP request, including redirects, and for the session
	// with a mail server (5 s, as in Thunderbird).
	Answer time.Duration
	// Queries is the number of DNS queries (80), Connections that of
	// simultaneous connections (20).
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
		l.Queries = 80
	}
	if l.Connections == 0 {
		l.Connections = 20
	}
}

// ErrNoResolver is wrapped by the error for a Config without resolvers.
var ErrNoResolver = errors.New("no DNS resolver is known")

// A Prober checks one domain, once.
type Prober struct {
	Config
	address provider.Address // the made-up mailbox
	dns     *resolver
	slots   chan struct{} // connections at a time

	autoconfigOnly bool // see [Service]

	mu    sync.Mutex
	peers map[string]*Peer  // by host:port, the result of connecting
	ledTo map[string]*ledTo // by host name; names that clients do not ask at first
}

// Mailbox is the local part of the made-up address in requests. Nobody has it,
// and its name explains the requests to readers of a server's log.
const Mailbox = "setup-check"

// New checks the Config. Its error wraps [ErrNoResolver] or is about the domain's
// length.
func New(cfg Config) (*Prober, error) {
	if len(cfg.Resolvers) == 0 {
		return nil, fmt.Errorf("%w: name one with --resolver HOST:PORT", ErrNoResolver)
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
	address, err := provider.ParseAddress(Mailbox + "@" + cfg.Domain.String())
	if err != nil || cfg.Domain.Child("autodiscover").IsZero() {
		return nil, errors.New("the domain is so long that no client could ask for an address in it")
	}
	return &Prober{
		Config:  cfg,
		address: address,
		dns:     newResolver(cfg),
		slots:   make(chan struct{}, cfg.Limits.Connections),
		peers:   make(map[string]*Peer),
		ledTo:   make(map[string]*ledTo),
	}, nil
}

// Observations are everything that was found.
type Observations struct {
	Domain  provider.Domain
	Address provider.Address // the made-up address in the requests
	Time    time.Time
	// AllowPrivate is [Config.AllowPrivate].
	AllowPrivate bool
	// Labels are those below the domain at which clients ask for settings of this
	// service: autoconfig and, if the service supports Autodiscover, autodiscover.
	Labels []string

	Zone  Zone
	Views []View
	// Hosts are the names of [Zone.Names] and how they can be reached.
	Hosts map[string]*Host
	// Fetches are the requests of all clients, in the order in which they were
	// added, and their results.
	Fetches []*Fetch
	// CatchAllProbes asked for paths that do not exist; ForeignDomainProbe for
	// settings of a domain that does not exist. Nil: not asked.
	CatchAllProbes     []*Fetch
	ForeignDomainProbe *Fetch
	// Searches are the searches of all clients through these answers.
	Searches []Search
	Mail     []MailServer
}

// Exchangers asks for the domain's mail exchangers, which may say whose it is.
func (p *Prober) Exchangers(ctx context.Context) Answer {
	p.Progress("asking DNS about " + p.Domain.String())
	return p.dns.ask(ctx, p.Domain.String(), typeMX)
}

// A Service has the properties of a mail service that determine the requests.
type Service struct {
	// Servers are those of machine documents.
	Servers []provider.MailServer
	// AutoconfigOnly: it accepts no password, so Autodiscover has no answer, and the
	// name autodiscover is left to the service.
	AutoconfigOnly bool
}

// Observe checks everything else.
func (p *Prober) Observe(ctx context.Context, mx Answer, service Service) Observations {
	p.autoconfigOnly = service.AutoconfigOnly
	servers := service.Servers
	o := Observations{
		Domain: p.Domain, Address: p.address, Time: p.Now(), AllowPrivate: p.AllowPrivate, Labels: p.labels(),
	}
	// The mail servers, the domain's own names and its name servers are
	// independent of each other.
	var wg sync.WaitGroup
	wg.Go(func() { o.Mail = p.mailServers(ctx, servers) })
	o.Zone = p.readZone(ctx, mx, servers)
	wg.Go(func() { o.Views = p.authoritative(ctx, o.Zone.NameServers) })

	p.Progress("connecting to " + p.Domain.String() + " and the names below it")
	o.Hosts = p.connectAll(ctx, o.Zone)
	p.Progress("asking as each mail client asks")
	w := p.askAll(ctx, o.Hosts)
	o.Searches = w.discover(ctx)
	o.Fetches, o.CatchAllProbes, o.ForeignDomainProbe = w.all(), w.catchAllProbes, w.foreignDomainProbe
	p.Progress("waiting for the mail servers")
	wg.Wait()
	return o
}

// labels returns the labels at which clients ask.
func (p *Prober) labels() []string {
	if p.autoconfigOnly {
		return []string{Autoconfig}
	}
	return []string{Autoconfig, Autodiscover}
}

// asks reports whether a client's request is made, because it is for settings that may
// exist.
func (p *Prober) asks(r clients.Request) bool {
	return !r.Database && (!p.autoconfigOnly || r.Format == clients.Autoconfig)
}

// slot waits until another connection may be opened; call its result to
// release the slot.
func (p *Prober) slot(ctx context.Context) (release func(), err error) {
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
