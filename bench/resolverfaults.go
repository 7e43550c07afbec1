//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/miekg/dns"

	"mailsetup/bench/load"
	"mailsetup/bench/target"
)

var resolverFaults = []fault{
	{name: "resolver-dead", holds: "known domains stay served; others: page 503 with Retry-After, machines 404 no-store; a warning at most once a minute; a field in /readyz", run: deadResolver},
	{name: "stranger-exhausts-lookups", holds: "after one stranger's 70 requests a domain recognised before is served, and a new one within a few seconds", run: func(ctx context.Context, e env) (string, error) {
		return strangers(ctx, e, 70, 1)
	}},
	{name: "strangers-exhaust-lookups", holds: "the same after 2,000 requests from 200 networks", run: func(ctx context.Context, e env) (string, error) {
		return strangers(ctx, e, 2000, 200)
	}},
}

// A nameServer answers every MX query with iCloud's exchangers, until it is
// closed. It uses port 53 of a loopback address, because /etc/resolv.conf cannot
// contain a port.
type nameServer struct {
	ip    string
	asked atomic.Int64
	udp   *dns.Server
}

// startNameServer fails with errSkip if the machine does not allow it or a
// mount namespace.
func startNameServer() (*nameServer, error) {
	probe := exec.Command("/bin/sh", "-c", "mount -t tmpfs none /mnt")
	probe.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if out, err := probe.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: no mount namespace for an /etc/resolv.conf: %v %s", errSkip, err, out)
	}
	n := &nameServer{ip: fmt.Sprintf("127.53.%d.%d", rand.IntN(250), 1+rand.IntN(250))}
	conn, err := net.ListenPacket("udp", n.ip+":53")
	if err != nil {
		return nil, fmt.Errorf("%w: no port 53 on loopback: %v", errSkip, err)
	}
	n.udp = &dns.Server{PacketConn: conn, Handler: n}
	go func() { _ = n.udp.ActivateAndServe() }() // ends with close
	return n, nil
}

func (n *nameServer) close() { _ = n.udp.Shutdown() }

// ServeDNS answers one question.
func (n *nameServer) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	n.asked.Add(1)
	answer := new(dns.Msg).SetReply(q)
	if len(q.Question) == 1 && q.Question[0].Qtype == dns.TypeMX {
		header := dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeMX, Class: dns.ClassINET, Ttl: 60}
		answer.Answer = append(answer.Answer, &dns.MX{Hdr: header, Preference: 10, Mx: "mx01.mail.icloud.com."})
	}
	_ = w.WriteMsg(answer) // the client may be gone
}

// config asks for a domain's settings from 127.0.0.1 and returns the answer's head.
func config(s *target.Server, domain string, page bool) (*http.Response, error) {
	return configFrom(s, net.IPv4(127, 0, 0, 1), domain, page)
}

// configFrom is config from another address of loopback.
func configFrom(s *target.Server, from net.IP, domain string, page bool) (*http.Response, error) {
	path := "/mail/config-v1.1.xml?emailaddress=jane%40" + domain
	if page {
		path = "/"
	}
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DialContext: dialer.DialContext}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var response *http.Response
	var err error
	if page {
		response, err = client.PostForm("http://"+s.Address+path, map[string][]string{"emailaddress": {"jane@" + domain}})
	} else {
		response, err = client.Get("http://" + s.Address + path)
	}
	if err == nil {
		response.Body.Close()
	}
	return response, err
}

// wantStatus fails if domain is not answered with status.
func wantStatus(s *target.Server, domain string, status int) error {
	response, err := config(s, domain, false)
	if err == nil && response.StatusCode != status {
		err = fmt.Errorf("%s: status %d, want %d", domain, response.StatusCode, status)
	}
	return err
}

func deadResolver(ctx context.Context, e env) (string, error) {
	names, err := startNameServer()
	if err != nil {
		return "", err
	}
	defer names.close()
	s, err := target.Start(ctx, e.program, target.Options{Args: append([]string{"--recognise-mx"}, hosting...), Resolver: names.ip})
	if err != nil {
		return "", err
	}
	defer s.Kill()
	if err := wantStatus(s, "recognised.example", 200); err != nil {
		return "", fmt.Errorf("with a resolver that answers: %w", err)
	}
	names.close()
	var faults []error
	for i := range 5 {
		response, err := config(s, fmt.Sprintf("new%d.example", i), false)
		if err != nil {
			return "", err
		}
		if response.StatusCode != 404 || !strings.Contains(response.Header.Get("Cache-Control"), "no-store") {
			faults = append(faults, fmt.Errorf("a machine got %d, Cache-Control %q", response.StatusCode, response.Header.Get("Cache-Control")))
			break
		}
	}
	page, err := config(s, "newpage.example", true)
	if err != nil {
		return "", err
	}
	if page.StatusCode != 503 || page.Header.Get("Retry-After") == "" {
		faults = append(faults, fmt.Errorf("the page answered %d, Retry-After %q", page.StatusCode, page.Header.Get("Retry-After")))
	}
	faults = append(faults, wantStatus(s, "recognised.example", 200))
	known := load.Run(ctx, load.Config{Address: s.Address, Requests: requests("a.example"), Total: 100})
	faults = append(faults, known.Err())
	warnings := 0
	for _, line := range s.Log() {
		if strings.Contains(line, `"level":"WARN"`) && strings.Contains(line, "resolver") {
			warnings++
		}
	}
	// One at the start says that no trusted proxy was named.
	if warnings < 1 || warnings > 2 {
		faults = append(faults, fmt.Errorf("%d warnings of the resolver in the first minute", warnings))
	}
	status, ready, err := s.Ready()
	faults = append(faults, err)
	field := ""
	for name := range ready {
		if strings.Contains(name, "resolver") || strings.Contains(name, "recognis") || strings.Contains(name, "mx") {
			field = fmt.Sprintf("%s: %v", name, ready[name])
		}
	}
	if status != 200 || field == "" {
		faults = append(faults, fmt.Errorf("/readyz %d has no field for the resolver: %v", status, ready))
	}
	_, stopErr := s.Stop(stopLimit)
	return fmt.Sprintf("known domain p99 %v; page %d; %d warnings; /readyz %s", known.Percentile(99), page.StatusCode, warnings, field), errors.Join(append(faults, stopErr)...)
}

// strangers ask for this many new domains, from this many networks in turn.
func strangers(ctx context.Context, e env, asked, networks int) (string, error) {
	names, err := startNameServer()
	if err != nil {
		return "", err
	}
	defer names.close()
	s, err := target.Start(ctx, e.program, target.Options{Args: append([]string{"--recognise-mx"}, hosting...), Resolver: names.ip})
	if err != nil {
		return "", err
	}
	defer s.Kill()
	if err := wantStatus(s, "recognised.example", 200); err != nil {
		return "", err
	}
	for i := range asked {
		from := net.IPv4(127, 7, byte(i%networks), 1)
		if _, err := configFrom(s, from, fmt.Sprintf("stranger%d.example", i), false); err != nil {
			return "", err
		}
	}
	known := wantStatus(s, "recognised.example", 200)
	if n := names.asked.Load(); n > int64(asked) {
		known = errors.Join(known, fmt.Errorf("%d look-ups for %d requests: no limit was reached", n, asked))
	}
	// Another client's new domain must still be found.
	took, newcomer := until(10*time.Second, func() error { return wantStatus(s, "newcomer.example", 200) })
	_, stopErr := s.Stop(stopLimit)
	return fmt.Sprintf("%d look-ups made; a new domain found after %s", names.asked.Load(), seconds(took)), errors.Join(known, newcomer, stopErr)
}
