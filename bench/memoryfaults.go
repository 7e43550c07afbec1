//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"mailsetup/bench/load"
	"mailsetup/bench/target"
)

// The assumptions of internal/cli, in bytes: the program, and each allowed connection,
// with plain HTTP or TLS. Garbage may take what connections do not.
const (
	programCost = 24 << 20
	plainCost   = 32 << 10
	tlsCost     = 42 << 10
)

var memoryFaults = []fault{
	{name: "connection-memory", holds: "with 4,096 connections allowed, 4,000 stay open, a normal client is served, and the peak of memory is at most a tenth above 24 MB and 32 kB for each that is allowed", long: true,
		run: func(ctx context.Context, e env) (string, error) {
			return openConnections(ctx, e, crowd{kinds: []string{"kept"}, each: 4000, pace: 800, args: hosting}, 4096, plainCost)
		}},
	{name: "connection-memory-tls", holds: "the same over TLS, with 42 kB", long: true,
		run: func(ctx context.Context, e env) (string, error) { return openTLS(ctx, e, 4000, 4096) }},
	{name: "connections-tls-10000", holds: "the same with 10,000 connections and --max-connections 12000", long: true,
		run: func(ctx context.Context, e env) (string, error) { return openTLS(ctx, e, 10_000, 12_000) }},
}

func openTLS(ctx context.Context, e env, n, allowed int) (string, error) {
	client, args, err := withTLS(e)
	if err != nil {
		return "", err
	}
	return openConnections(ctx, e, crowd{kinds: []string{"tls:kept"}, each: n, pace: 400, args: args, tls: client}, allowed, tlsCost)
}

// openConnections opens connections to a server that allows more, keeps all of them
// open with a request now and then, and checks the memory.
func openConnections(ctx context.Context, e env, c crowd, allowed int, cost int64) (string, error) {
	args := slices.Concat(c.args, []string{"--max-connections", strconv.Itoa(allowed)})
	s, err := target.Start(ctx, e.program, target.Options{Args: args})
	if err != nil {
		return "", err
	}
	defer s.Kill()
	before, _, err := s.Memory()
	if err != nil {
		return "", err
	}
	h, err := startHolder(ctx, s.Address, c.each, c.kinds[0], c.pace)
	if err != nil {
		return "", err
	}
	defer h.stop()
	took, err := until(time.Minute, func() error {
		if open, _, _ := h.counts(); open < c.each {
			return fmt.Errorf("%d of %d connections are open", open, c.each)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	during, cancel := context.WithTimeout(ctx, 30*time.Second)
	r := load.Run(during, load.Config{Address: s.Address, TLS: c.tls, Requests: requests("a.example"), Clients: 4, Rate: 50})
	cancel()
	resident, peak, err := s.Memory()
	if err != nil {
		return "", fmt.Errorf("the program is gone: %w", err)
	}
	open, opened, failed := h.counts()
	if opened > c.each || failed > 0 {
		err = fmt.Errorf("%d were closed and %d not accepted", opened-open, failed)
	}
	// The limit that the program gives Go is soft, and may be exceeded for moments.
	if most := (programCost + int64(allowed)*cost) / 10 * 11; peak > most {
		err = errors.Join(err, fmt.Errorf("%s resident, more than %s", mib(peak), mib(most)))
	}
	_, stopErr := s.Stop(stopLimit)
	return fmt.Sprintf("%d open after %s; resident %s, at most %s, before %s: %.0f kB each; %d of %d served meanwhile, p50 %v, p99 %v",
		open, seconds(took), mib(resident), mib(peak), mib(before), float64(peak-before)/float64(c.each)/1024,
		r.Sent-r.Failed, r.Sent, r.Percentile(50), r.Percentile(99)), errors.Join(err, r.Err(), stopErr)
}
