package probe

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"

	"github.com/miekg/dns"
)

// The record types in use, so that no other file needs miekg/dns for them.
const (
	typeA    = dns.TypeA
	typeAAAA = dns.TypeAAAA
	typeCAA  = dns.TypeCAA
	typeMX   = dns.TypeMX
	typeNS   = dns.TypeNS
	typeSRV  = dns.TypeSRV
)

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

// ask asks the resolvers in turn until one answers. A single resolver is
// asked twice, because a datagram can be lost.
func (r *resolver) ask(ctx context.Context, name string, kind uint16) Answer {
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
	var last Answer
	for _, i := range order {
		last = r.askOne(ctx, r.cfg.Resolvers[i], name, kind, true)
		switch last.Failure.Kind {
		case NoFailure, DNSSEC, DNSBudget:
			return last
		case DNSRefused:
			if len(r.cfg.Resolvers) == 1 {
				return last // it would give the same answer again
			}
		default:
			r.silent[i].Store(true)
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

// askOne asks one server. An authoritative one is asked without recursion.
func (r *resolver) askOne(ctx context.Context, server, name string, kind uint16, recurse bool) Answer {
	a := Answer{Name: canonical(name)}
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), kind)
	m.SetEdns0(1232, false) // avoids fragmentation in every network (dnsflagday.net/2020)
	m.RecursionDesired = recurse
	in, failure := r.exchange(ctx, server, m)
	if failure.Failed() {
		a.Failure = failure
		return a
	}
	switch in.Rcode {
	case dns.RcodeSuccess, dns.RcodeNameError:
		a.NoName = in.Rcode == dns.RcodeNameError
		a.read(in.Answer)
		if !recurse && !in.Authoritative {
			a.Failure = Failure{Kind: DNSLame, Server: server}
		}
	case dns.RcodeServerFailure:
		a.Failure = Failure{Kind: DNSRefused, Server: server, Code: dns.RcodeToString[in.Rcode]}
		if recurse {
			m.CheckingDisabled = true
			m.Id = dns.Id()
			if in, failure := r.exchange(ctx, server, m); !failure.Failed() && (in.Rcode == dns.RcodeSuccess || in.Rcode == dns.RcodeNameError) {
				a.Failure = Failure{Kind: DNSSEC}
			}
		}
	default:
		a.Failure = Failure{Kind: DNSRefused, Server: server, Code: dns.RcodeToString[in.Rcode]}
	}
	return a
}

// exchange sends a query by UDP, and again by TCP if the answer is truncated.
func (r *resolver) exchange(ctx context.Context, server string, m *dns.Msg) (*dns.Msg, Failure) {
	for _, network := range []string{"udp", "tcp"} {
		if r.left.Add(-1) < 0 {
			return nil, Failure{Kind: DNSBudget}
		}
		in, failure := r.exchangeOver(ctx, network, server, m)
		if failure.Failed() || !in.Truncated {
			return in, failure
		}
	}
	return nil, Failure{Kind: DNSCutOff, Server: server}
}

func (r *resolver) exchangeOver(ctx context.Context, network, server string, m *dns.Msg) (*dns.Msg, Failure) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Limits.Query)
	defer cancel()
	conn, err := r.cfg.Dial(ctx, network, server)
	if err != nil {
		return nil, Failure{Kind: DNSUnreachable, Server: server}
	}
	defer conn.Close()
	client := dns.Client{Net: network, Timeout: r.cfg.Limits.Query, UDPSize: 1232}
	in, _, err := client.ExchangeWithConnContext(ctx, m, &dns.Conn{Conn: conn, UDPSize: 1232})
	if err != nil {
		return nil, Failure{Kind: DNSSilent, Server: server}
	}
	return in, Failure{}
}
