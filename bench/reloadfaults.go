//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"syscall"
	"time"

	"mailsetup/bench/load"
	"mailsetup/bench/target"
)

var reloadFaults = []fault{
	{name: "reload-storm", holds: "SIGHUP every 20 ms, every second time for a broken table: no request fails and no broken table is used; POST /-/reload refuses each with line and column", run: reloadStorm},
}

// brokenTables are mistakes that people make when they edit a table.
var brokenTables = []string{
	"domains:\n  d0000001.example: icluod\n",
	"domains: 5\n",
	"domain: {d0000001.example: icloud}\n",
	"domains: {d0000001.example: icloud}\x00\n",
	"domains: {d0000001.example: icloud}\n---\ndomains: {}\n",
	"domains:\n  d0000001.example: icloud\n  d0000001.example: icloud\n",
	"domains: {d0000001.example: &a icloud, d0000002.example: *a}\n",
	"providers: {icloud: {pop3: [{host: pop.example.com, port: 995}]}}\n",
	"providers: {icloud: {imap: [{host: imap.example.com, port: 0143, security: tls, username: address}]}}\n",
}

func reloadStorm(ctx context.Context, e env) (string, error) {
	const every = 20 * time.Millisecond
	lasting := 15 * time.Second
	if e.short {
		lasting = 5 * time.Second
	}
	const domains = 50
	good := domainsTable(domains)
	s, table, err := tableServer(ctx, e, good)
	if err != nil {
		return "", err
	}
	defer s.Kill()
	during, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan load.Result, 2)
	for _, reuse := range []bool{true, false} {
		cfg := load.Config{Address: s.Address, Requests: requests("d0000001.example"), Clients: 4, Rate: 300, Reuse: reuse}
		go func() { results <- load.Run(during, cfg) }()
	}
	signals, stormErr := 0, error(nil)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for end := time.Now().Add(lasting); time.Now().Before(end) && stormErr == nil; signals++ {
		<-tick.C
		text := good
		if signals%2 == 1 {
			text = brokenTables[signals/2%len(brokenTables)]
		}
		stormErr = errors.Join(replaceTable(table, text), s.Signal(syscall.SIGHUP))
	}
	cancel()
	a, b := <-results, <-results
	loaded, refused := 0, 0
	for _, line := range s.Log() {
		if strings.Contains(line, "table reloaded") {
			loaded++
		}
		if strings.Contains(line, "the previous one stays in use") {
			refused++
		}
	}
	if loaded == 0 || refused == 0 {
		stormErr = errors.Join(stormErr, errors.New("the signals do not reach the program"))
	}
	err = errors.Join(stormErr, a.Err(), b.Err(), everyOneRefused(ctx, s, table, good, domains))
	_, stopErr := s.Stop(stopLimit)
	return fmt.Sprintf("%d of %d requests failed, p99 %v, in %d signals, which loaded %d tables and refused %d; then %d broken tables refused by POST",
		a.Failed+b.Failed, a.Sent+b.Sent, max(a.Percentile(99), b.Percentile(99)).Round(time.Millisecond), signals, loaded, refused, len(brokenTables)), errors.Join(err, stopErr)
}

// everyOneRefused reloads each broken table by POST. The previous table must
// stay live.
func everyOneRefused(ctx context.Context, s *target.Server, table, good string, domains int) error {
	if err := errors.Join(replaceTable(table, good), second(s.Reload())); err != nil {
		return err
	}
	position := regexp.MustCompile(regexp.QuoteMeta(table) + `:[0-9]+:[0-9]+: `)
	for _, text := range brokenTables {
		if err := replaceTable(table, text); err != nil {
			return err
		}
		_, err := s.Reload()
		if !errors.Is(err, target.ErrRefused) || !position.MatchString(err.Error()) {
			return fmt.Errorf("the reload of %q: %v; want a refusal with line and column", text, err)
		}
		n, err := hosted(s)
		if err == nil && n != domains {
			err = fmt.Errorf("%d domains after %q, want %d", n, text, domains)
		}
		if _, loadErr := asked(ctx, s, "d0000001.example", 20); err != nil || loadErr != nil {
			return errors.Join(err, loadErr)
		}
	}
	return nil
}

// replaceTable replaces a table atomically, so that nobody sees half of it.
func replaceTable(table, text string) error {
	return errors.Join(os.WriteFile(table+".new", []byte(text), 0o644), os.Rename(table+".new", table))
}
