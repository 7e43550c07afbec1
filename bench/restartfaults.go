//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"mailsetup/bench/load"
	"mailsetup/bench/target"
)

var restartFaults = []fault{
	{name: "graceful-restart", holds: "in nine restarts with an inherited socket none of 15,000 requests or more is lost, neither on new nor on kept connections, POST included", run: gracefulRestart},
}

func gracefulRestart(ctx context.Context, e env) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		return "", err
	}
	defer socket.Close()
	const restarts, rate, least = 9, 600, 15_000
	s, err := target.Start(ctx, e.program, target.Options{Args: hosting, Socket: socket})
	if err != nil {
		return "", err
	}
	defer func() { s.Kill() }()
	during, cancel := context.WithCancel(ctx)
	results := make(chan load.Result, 2)
	for _, reuse := range []bool{true, false} {
		cfg := load.Config{Address: listener.Addr().String(), Requests: requests("a.example"), Clients: 8, Rate: rate, Reuse: reuse, Timeout: 20 * time.Second}
		go func() { results <- load.Run(during, cfg) }()
	}
	for range restarts {
		time.Sleep(700 * time.Millisecond)
		if _, stopErr := s.Stop(stopLimit); stopErr != nil {
			err = errors.Join(err, stopErr)
			break
		}
		next, startErr := target.Start(ctx, e.program, target.Options{Args: hosting, Socket: socket})
		if startErr != nil {
			err = errors.Join(err, startErr)
			break
		}
		s = next
	}
	time.Sleep(700 * time.Millisecond)
	cancel()
	a, b := <-results, <-results
	if sent := a.Sent + b.Sent; sent < least {
		err = errors.Join(err, fmt.Errorf("only %d requests were sent, want %d", sent, least))
	}
	return fmt.Sprintf("%d of %d requests lost in %d restarts, half of them on kept connections; p99 %v", a.Failed+b.Failed, a.Sent+b.Sent, restarts, max(a.Percentile(99), b.Percentile(99)).Round(time.Millisecond)),
		errors.Join(err, a.Err(), b.Err())
}
