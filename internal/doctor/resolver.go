package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/miekg/dns"
)

// The record types that the doctor asks for, so that no other file needs miekg/dns
// for them.
const (
	typeA    = dns.TypeA
	typeAAAA = dns.TypeAAAA
	typeCAA  = dns.TypeCAA
	typeMX   = dns.TypeMX
	typeNS   = dns.TypeNS
	typeSRV  = dns.TypeSRV
)

// Why there was no answer. Neither says that a record is missing.
var (
	errBudget = errors.New("too many DNS questions were needed")
	// errLame: a name server does not hold the zone, so its empty answer says nothing.
	errLame = errors.New("the name server does not hold the zone")
	// errDNSSEC: the resolver refuses the answer, and gives it when it is told not
	// to validate (RFC 4035, section 3.2.2).
	errDNSSEC = errors.New("the resolver refuses the answer because its DNSSEC signatures are wrong")
)

// An answer is what DNS says about one name and type.
type answer struct {
	name string
	// records are those of the answer section, aliases included.
	records []dns.RR
	// noName: the name does not exist (NXDOMAIN).
	noName bool
	// err: nobody knows what DNS says; the other fields say nothing.
	err error
}

// A dnsError wraps every error of an answer.
type dnsError struct{ err error }

func (e dnsError) Error() string { return e.err.Error() }
func (e dnsError) Unwrap() error { return e.err }

// A resolver asks the configured resolvers, in turn.
type resolver struct {
	cfg    Config
	left   atomic.Int64  // questions
	silent []atomic.Bool // by resolver: did not answer, so it is asked last
}

func newResolver(cfg Config) *resolver {
	r := &resolver{cfg: cfg, silent: make([]atomic.Bool, len(cfg.Resolvers))}
	r.left.Store(int64(cfg.Limits.Queries))
	return r
}

// ask asks every resolver until one knows. A single resolver is asked twice,
// because a datagram can be lost.
func (r *resolver) ask(ctx context.Context, name string, kind uint16) answer {
	order := make([]int, len(r.cfg.Resolvers))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(btoi(r.silent[a].Load()), btoi(r.silent[b].Load()))
	})
	if len(order) == 1 && !r.silent[0].Load() {
		order = append(order, 0)
	}
	var last answer
	for _, i := range order {
		last = r.askOne(ctx, r.cfg.Resolvers[i], name, kind, true)
		if last.err == nil || errors.Is(last.err, errDNSSEC) || errors.Is(last.err, errBudget) {
			return last
		}
		if _, answered := errors.AsType[rcodeError](last.err); !answered {
			r.silent[i].Store(true)
		} else if len(r.cfg.Resolvers) == 1 {
			return last // asked again it would say the same
		}
	}
	return last
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// rcodeError is a refusal to answer, such as SERVFAIL.
type rcodeError int

func (e rcodeError) Error() string {
	return "the resolver answers " + dns.RcodeToString[int(e)]
}

// askOne asks one server. An authoritative one is asked without recursion.
func (r *resolver) askOne(ctx context.Context, server, name string, kind uint16, recurse bool) (a answer) {
	defer func() {
		if a.err != nil {
			a.err = dnsError{a.err}
		}
	}()
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), kind)
	m.SetEdns0(1232, false) // what fits into every network unbroken (dnsflagday.net/2020)
	m.RecursionDesired = recurse
	a.name = name
	in, err := r.exchange(ctx, server, m)
	if err != nil {
		a.err = err
		return a
	}
	switch in.Rcode {
	case dns.RcodeSuccess, dns.RcodeNameError:
		a.records, a.noName = in.Answer, in.Rcode == dns.RcodeNameError
		if !recurse && !in.Authoritative {
			a.err = errLame
		}
	case dns.RcodeServerFailure:
		a.err = rcodeError(in.Rcode)
		if recurse {
			m.CheckingDisabled = true
			m.Id = dns.Id()
			if in, err := r.exchange(ctx, server, m); err == nil && in.Rcode == dns.RcodeSuccess {
				a.err = errDNSSEC
			}
		}
	default:
		a.err = rcodeError(in.Rcode)
	}
	return a
}

// exchange sends a question by UDP, and again by TCP if the answer is cut off.
func (r *resolver) exchange(ctx context.Context, server string, m *dns.Msg) (*dns.Msg, error) {
	for _, network := range []string{"udp", "tcp"} {
		if r.left.Add(-1) < 0 {
			return nil, errBudget
		}
		in, err := r.exchangeOver(ctx, network, server, m)
		if err != nil || !in.Truncated {
			return in, err
		}
	}
	return nil, fmt.Errorf("the resolver's answer is cut off, by TCP too")
}

func (r *resolver) exchangeOver(ctx context.Context, network, server string, m *dns.Msg) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Limits.Query)
	defer cancel()
	conn, err := r.cfg.Dial(ctx, network, server)
	if err != nil {
		return nil, fmt.Errorf("the DNS server %s cannot be reached: %w", server, unwrapNet(err))
	}
	defer conn.Close()
	client := dns.Client{Net: network, Timeout: r.cfg.Limits.Query, UDPSize: 1232}
	in, _, err := client.ExchangeWithConnContext(ctx, m, &dns.Conn{Conn: conn, UDPSize: 1232})
	if err != nil {
		return nil, fmt.Errorf("the DNS server %s does not answer: %w", server, unwrapNet(err))
	}
	return in, nil
}

// exchangers returns the hosts of MX records; none for the null MX (RFC 7505).
func (a answer) exchangers() []string {
	var hosts []string
	for _, rr := range a.records {
		if mx, ok := rr.(*dns.MX); ok && mx.Mx != "." {
			hosts = append(hosts, canonical(mx.Mx))
		}
	}
	return hosts
}

// services returns the SRV records.
func (a answer) services() []*dns.SRV {
	var all []*dns.SRV
	for _, rr := range a.records {
		if srv, ok := rr.(*dns.SRV); ok {
			all = append(all, srv)
		}
	}
	return all
}

// canonical is a name in lower case without the dot at its end.
func canonical(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }
