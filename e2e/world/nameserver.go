package world

import (
	"errors"
	"net"

	"github.com/miekg/dns"
)

// serveNames answers DNS on port 53 of the loopback interface. Besides what was
// published, only A and MX have answers; the resolvers of the clients under test ask for
// more, and must handle an empty answer.
func (w *World) serveNames() error {
	pc, err := net.ListenPacket("udp", "127.0.0.1:53")
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:53")
	if err != nil {
		return errors.Join(err, pc.Close())
	}
	for _, s := range []*dns.Server{{PacketConn: pc, Handler: dns.HandlerFunc(w.answerDNS)}, {Listener: l, Handler: dns.HandlerFunc(w.answerDNS)}} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		go s.ActivateAndServe()
		<-started
		w.closers = append(w.closers, s.Shutdown)
	}
	return nil
}

func (w *World) answerDNS(rw dns.ResponseWriter, q *dns.Msg) {
	r := new(dns.Msg).SetReply(q)
	r.Authoritative, r.RecursionAvailable = true, true
	if len(q.Question) == 1 {
		known := false
		if r.Answer, known = w.zone.answer(q.Question[0]); !known {
			w.names.answer(q.Question[0], r)
		}
	}
	rw.WriteMsg(r)
}

// answer adds to r what the sites and hosts of the world have.
func (n names) answer(q dns.Question, r *dns.Msg) {
	host, known := n.hosts[canonical(q.Name)]
	exchanger, hosted := n.mx[canonical(q.Name)]
	header := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET, Ttl: 60}
	switch {
	case !known:
		r.Rcode = dns.RcodeNameError
	case q.Qtype == dns.TypeA:
		r.Answer = []dns.RR{&dns.A{Hdr: header, A: host.AsSlice()}}
	case q.Qtype == dns.TypeMX && hosted:
		r.Answer = []dns.RR{&dns.MX{Hdr: header, Preference: 10, Mx: dns.Fqdn(exchanger)}}
	}
}
