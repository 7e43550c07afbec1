package world

import (
	"errors"
	"net"

	"github.com/miekg/dns"
)

// serveNames answers DNS on port 53 of the loopback interface. Only A and MX
// have answers; the resolvers of the clients under test ask for more, and must
// get along with an empty answer.
func (w *World) serveNames() error {
	pc, err := net.ListenPacket("udp", "127.0.0.1:53")
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:53")
	if err != nil {
		return errors.Join(err, pc.Close())
	}
	for _, s := range []*dns.Server{{PacketConn: pc, Handler: w.names}, {Listener: l, Handler: w.names}} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		go s.ActivateAndServe()
		<-started
		w.closers = append(w.closers, s.Shutdown)
	}
	return nil
}

// ServeDNS implements [dns.Handler].
func (n names) ServeDNS(rw dns.ResponseWriter, q *dns.Msg) {
	r := new(dns.Msg).SetReply(q)
	r.Authoritative, r.RecursionAvailable = true, true
	if len(q.Question) == 1 {
		name := q.Question[0].Name
		host, known := n.hosts[canonical(name)]
		exchanger, hosted := n.mx[canonical(name)]
		header := dns.RR_Header{Name: name, Rrtype: q.Question[0].Qtype, Class: dns.ClassINET, Ttl: 60}
		switch {
		case !known:
			r.Rcode = dns.RcodeNameError
		case header.Rrtype == dns.TypeA:
			r.Answer = []dns.RR{&dns.A{Hdr: header, A: host.AsSlice()}}
		case header.Rrtype == dns.TypeMX && hosted:
			r.Answer = []dns.RR{&dns.MX{Hdr: header, Preference: 10, Mx: dns.Fqdn(exchanger)}}
		}
	}
	rw.WriteMsg(r)
}
