package cli_test

import (
	"net"
	"strings"

	"github.com/miekg/dns"
	"github.com/rogpeppe/go-internal/testscript"
)

// nameserver FILE starts a DNS server on loopback that knows the records in a file
// and answers that all other names do not exist. RESOLVER is set to it.
func nameserver(ts *testscript.TestScript, neg bool, args []string) {
	records := map[string][]dns.RR{}
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		rr, err := dns.NewRR(line)
		ts.Check(err)
		if rr != nil {
			key := strings.ToLower(rr.Header().Name) + dns.TypeToString[rr.Header().Rrtype]
			records[key] = append(records[key], rr)
		}
	}
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	ts.Check(err)
	s := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		m.SetReply(q)
		m.Answer = records[strings.ToLower(q.Question[0].Name)+dns.TypeToString[q.Question[0].Qtype]]
		if len(m.Answer) == 0 {
			m.Rcode = dns.RcodeNameError
		}
		_ = w.WriteMsg(m) // the client asks again
	})}
	go s.ActivateAndServe()
	ts.Defer(func() { s.Shutdown() })
	ts.Setenv("RESOLVER", conn.LocalAddr().String())
}
