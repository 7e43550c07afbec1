//go:build linux

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"mailsetup/bench/load"
	"mailsetup/bench/target"
)

var connectionFaults = []fault{
	{name: "connections", holds: "with 20,000 idle and 10,000 half-sent connections, in 256 MB, a normal client is always served, p99 under 50 ms",
		run: func(ctx context.Context, e env) (string, error) {
			return manyConnections(ctx, e, crowd{kinds: []string{"idle", "idle", "slow"}, each: 10_000, pace: 1000, args: hosting, p99: 50 * time.Millisecond})
		}},
	{name: "connections-tls", holds: "the same over TLS with 4,000 each that make no handshake, send nothing, half a header or half a body; p99 under 250 ms", long: true,
		run: func(ctx context.Context, e env) (string, error) {
			return manyOverTLS(ctx, e, crowd{kinds: []string{"idle", "tls:idle", "tls:slow", "tls:body"}, each: 4000, pace: 150, p99: 250 * time.Millisecond})
		}},
	{name: "http2", holds: "the same with HTTP/2: 200 connections each that send nothing, begin requests without their bodies, do not let the answers be sent, take back 10 requests a second or never end a header; p99 under 250 ms",
		run: func(ctx context.Context, e env) (string, error) {
			return manyOverTLS(ctx, e, crowd{kinds: []string{"tls:h2", "tls:h2-streams", "tls:h2-deaf", "tls:h2-reset", "tls:h2-continuation"}, each: 200, pace: 50, p99: 250 * time.Millisecond})
		}},
	{name: "answers-unread", holds: "with 10,000 clients that do not read their answers, a normal client is always served, within 2 s", long: true,
		run: func(ctx context.Context, e env) (string, error) {
			return manyConnections(ctx, e, crowd{kinds: []string{"deaf"}, each: 10_000, pace: 500, args: hosting, p99: 2 * time.Second})
		}},
	{name: "descriptors", holds: "/readyz answers, the log warns at most once a second, clients are served again when the connections go", run: noDescriptors},
}

const memoryMax = 256 << 20 // as in deploy/systemd

// A crowd is a set of clients that try to hold connections of a server with these flags,
// and how long a normal client may wait meanwhile.
type crowd struct {
	kinds      []string // each in its own process
	each, pace int      // connections in all and in a second, of each kind
	args       []string
	tls        *tls.Config // of the normal client; nil: plain HTTP
	p99        time.Duration
}

// manyOverTLS is manyConnections with a server that has a certificate.
func manyOverTLS(ctx context.Context, e env, c crowd) (measured string, err error) {
	if c.tls, c.args, err = withTLS(e); err != nil {
		return "", err
	}
	return manyConnections(ctx, e, c)
}

func manyConnections(ctx context.Context, e env, c crowd) (string, error) {
	s, err := target.Start(ctx, e.program, target.Options{Args: c.args, MemoryLimit: memoryMax})
	if err != nil {
		return "", err
	}
	defer s.Kill()
	before, _, err := s.Memory()
	if err != nil {
		return "", err
	}
	lasting := 30 * time.Second
	if e.short {
		c.each, lasting = c.each*3/10, 10*time.Second
	}
	var holders []*holder
	defer func() {
		for _, h := range holders {
			h.stop()
		}
	}()
	for _, kind := range c.kinds {
		h, err := startHolder(ctx, s.Address, c.each, kind, c.pace)
		if err != nil {
			return "", err
		}
		holders = append(holders, h)
	}
	during, cancel := context.WithTimeout(ctx, lasting)
	r := load.Run(during, load.Config{Address: s.Address, TLS: c.tls, Requests: requests("a.example"), Clients: 4, Rate: 50})
	cancel()
	var open, opened, failed int
	for _, h := range holders {
		a, b, c := h.counts()
		open, opened, failed = open+a, opened+b, failed+c
	}
	resident, peak, err := s.Memory()
	if err != nil {
		return "", fmt.Errorf("the program is gone: %w", err)
	}
	limit := "no cgroup; peak of resident memory compared"
	if s.Limit != nil {
		limit = "cgroup peak " + mib(s.Limit.Peak())
	} else if peak > memoryMax {
		err = fmt.Errorf("%s resident, over 256 MB", mib(peak))
	}
	measured := fmt.Sprintf("%d of %d served, p50 %v, p99 %v; %d connections opened, %d open at the end, %d not accepted; resident %s, before %s; %s",
		r.Sent-r.Failed, r.Sent, r.Percentile(50), r.Percentile(99), opened, open, failed, mib(resident), mib(before), limit)
	// The short form ends while connections are still pouring in, next to other work.
	if e.short {
		c.p99 = 250 * time.Millisecond
	}
	if p := r.Percentile(99); p > c.p99 {
		err = errors.Join(err, fmt.Errorf("p99 is %v", p))
	}
	if wanted := len(c.kinds) * c.each; opened < wanted {
		err = errors.Join(err, fmt.Errorf("only %d of %d connections could be opened", opened, wanted))
	}
	_, stopErr := s.Stop(stopLimit)
	return measured, errors.Join(err, r.Err(), stopErr)
}

func noDescriptors(ctx context.Context, e env) (string, error) {
	const descriptors = 100
	s, err := target.Start(ctx, e.program, target.Options{Args: hosting, Descriptors: descriptors})
	if err != nil {
		return "", err
	}
	defer s.Kill()
	began := time.Now()
	var idle []net.Conn
	for range 2 * descriptors {
		conn, err := net.DialTimeout("tcp", s.Address, time.Second)
		if err != nil {
			break // the kernel's queue is also full
		}
		idle = append(idle, conn)
	}
	time.Sleep(3 * time.Second)
	status, _, err := s.Ready()
	if err == nil && status != 200 {
		err = fmt.Errorf("/readyz: status %d", status)
	}
	during := load.Run(ctx, load.Config{Address: s.Address, Requests: requests("a.example"), Total: 3, Timeout: 5 * time.Second})
	for _, conn := range idle {
		conn.Close()
	}
	_, servedErr := until(5*time.Second, func() error { _, err := asked(ctx, s, "a.example", 10); return err })
	elapsed := time.Since(began)
	warnings := 0
	for _, line := range s.Log() {
		if strings.Contains(line, `"level":"WARN"`) || strings.Contains(line, `"level":"ERROR"`) {
			warnings++
		}
	}
	if warnings > int(elapsed.Seconds())+1 {
		err = errors.Join(err, fmt.Errorf("%d warnings in %s", warnings, seconds(elapsed)))
	}
	if warnings == 0 && during.Failed > 0 {
		err = errors.Join(err, errors.New("clients wait and the log says nothing"))
	}
	_, stopErr := s.Stop(stopLimit)
	return fmt.Sprintf("%d descriptors, %d idle connections: /readyz %d, %d of %d clients served meanwhile, %d warnings in %s",
		descriptors, len(idle), status, during.Sent-during.Failed, during.Sent, warnings, seconds(elapsed)), errors.Join(err, servedErr, stopErr)
}
