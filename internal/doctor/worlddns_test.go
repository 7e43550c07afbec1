package doctor

import (
	"net"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// dialDNS gives a connection to a DNS server of the world's zone.
func (w *world) dialDNS(network string, stale bool) (net.Conn, error) {
	started := make(chan struct{})
	s := &dns.Server{Handler: dns.HandlerFunc(func(rw dns.ResponseWriter, q *dns.Msg) {
		w.answerDNS(rw, q, stale)
	}), NotifyStartedFunc: func() { close(started) }}
	address := ""
	if network == "udp" {
		pc, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		s.PacketConn, address = pc, pc.LocalAddr().String()
	} else {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		s.Listener, address = l, l.Addr().String()
	}
	go s.ActivateAndServe()
	<-started
	conn, err := net.Dial(network, address)
	if err != nil {
		return nil, err
	}
	w.t.Cleanup(func() { s.Shutdown() })
	return conn, nil
}

// answerDNS is a resolver and a name server in one.
func (w *world) answerDNS(rw dns.ResponseWriter, q *dns.Msg, stale bool) {
	w.mu.Lock()
	w.asked = append(w.asked, canonical(q.Question[0].Name))
	w.mu.Unlock()
	m := new(dns.Msg)
	m.SetReply(q)
	m.Authoritative, m.RecursionAvailable = !q.RecursionDesired, true
	m.CheckingDisabled = q.CheckingDisabled
	if w.answers != nil && w.answers(q.Question[0], m) {
		if m.Rcode >= 0 {
			rw.WriteMsg(m)
		}
		return
	}
	if stale && strings.HasPrefix(q.Question[0].Name, "auto") {
		m.Rcode = dns.RcodeNameError
		rw.WriteMsg(m)
		return
	}
	kind := dns.TypeToString[q.Question[0].Qtype]
	at := canonical(q.Question[0].Name)
	exists := false
	for range 5 {
		owner, has := w.owner(at)
		exists = exists || has
		for _, data := range w.zone[owner+" "+kind] {
			m.Answer = append(m.Answer, record(w.t, at, kind, data))
		}
		alias := w.zone[owner+" CNAME"]
		if len(alias) == 0 || kind == "CNAME" {
			break
		}
		m.Answer = append(m.Answer, record(w.t, at, "CNAME", alias[0]))
		at = canonical(alias[0])
		exists = false
	}
	if !exists {
		m.Rcode = dns.RcodeNameError
	}
	rw.WriteMsg(m)
}

// owner returns the name whose records apply, which may be a wildcard.
func (w *world) owner(name string) (owner string, exists bool) {
	wild := "*." + strings.SplitN(name+".", ".", 2)[1]
	wild = strings.TrimSuffix(wild, ".")
	for _, candidate := range []string{name, wild} {
		for key, data := range w.zone {
			n, _, _ := strings.Cut(key, " ")
			if n == candidate && len(data) > 0 {
				return n, true
			}
		}
	}
	return name, false
}

func record(t *testing.T, name, kind, data string) dns.RR {
	rr, err := dns.NewRR(dns.Fqdn(name) + " 60 IN " + kind + " " + data)
	if err != nil {
		t.Error(err)
	}
	return rr
}

// canonical returns a name in lower case without the final dot.
func canonical(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }
