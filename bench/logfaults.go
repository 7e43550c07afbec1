//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"mailsetup/bench/target"
)

var logFaults = []fault{
	{
		name:  "stderr-blocked",
		holds: "every request answered, /readyz 200, SIGTERM ends it with status 0",
		run: func(ctx context.Context, e env) (string, error) {
			return withoutLogReader(ctx, e, target.Options{}, (*target.Server).StopReading)
		},
	}, {
		name:  "stderr-closed",
		holds: "every request answered, /readyz 200, SIGTERM ends it with status 0",
		run: func(ctx context.Context, e env) (string, error) {
			return withoutLogReader(ctx, e, target.Options{}, (*target.Server).CloseLog)
		},
	}, {
		name:  "stdout-closed",
		holds: "it starts and answers though its greeting has no reader",
		run: func(ctx context.Context, e env) (string, error) {
			read, write, err := os.Pipe()
			if err != nil {
				return "", err
			}
			read.Close()
			defer write.Close()
			return withoutLogReader(ctx, e, target.Options{Text: true, Stdout: write}, func(*target.Server) {})
		},
	},
}

func withoutLogReader(ctx context.Context, e env, o target.Options, harm func(*target.Server)) (string, error) {
	o.Args = hosting
	s, err := target.Start(ctx, e.program, o)
	if err != nil {
		return "", err
	}
	harm(s)
	n := 20_000
	if e.short {
		n = 4_000
	}
	answered, loadErr := asked(ctx, s, "a.example", n)
	status, _, readyErr := s.Ready()
	if readyErr == nil && status != 200 {
		readyErr = fmt.Errorf("/readyz: status %d", status)
	}
	took, stopErr := s.Stop(stopLimit)
	return fmt.Sprintf("%d of %d answered, p99 %v; /readyz %d; ended in %s", answered.Sent-answered.Failed, answered.Sent, answered.Percentile(99), status, seconds(took)),
		errors.Join(loadErr, readyErr, stopErr)
}
