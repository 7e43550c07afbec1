//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"mailsetup/bench/target"
)

const bounded = "refused or loaded, at most 256 MB above the table before, and that one serves on"

// For each of these files, a tree would cost much more than the file's size.
var tableFaults = []fault{
	{name: "yaml-wide", holds: bounded, run: costlyTable(func(short bool) string {
		return "domains: [" + strings.Repeat("a,", 4<<20-8) + "a]\n"
	})},
	{name: "yaml-wide-64MB", holds: bounded, long: true, run: costlyTable(func(bool) string {
		return "domains: [" + strings.Repeat("a,", 32<<20-8) + "a]\n"
	})},
	{name: "yaml-wrong-lines", holds: bounded + "; after 100 mistakes it stops", run: costlyTable(func(short bool) string {
		n := 1_500_000
		if short {
			n = 100_000
		}
		return "domains:\n" + strings.Repeat("  a b: c\n", n)
	})},
	{name: "yaml-deep", holds: bounded, run: costlyTable(func(bool) string {
		return "domains: " + strings.Repeat("[", 1<<20) + "\n"
	})},
	{name: "yaml-aliases", holds: bounded, run: costlyTable(func(bool) string {
		var b strings.Builder
		b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
		for i := 1; i < 12; i++ {
			fmt.Fprintf(&b, "a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9), i-1)
		}
		return b.String()
	})},
	{name: "yaml-many-domains", holds: bounded, run: costlyTable(func(bool) string { return domainsTable(300_000) })},
}

func costlyTable(content func(short bool) string) func(context.Context, env) (string, error) {
	return func(ctx context.Context, e env) (string, error) {
		s, table, err := tableServer(ctx, e, domainsTable(100))
		if err != nil {
			return "", err
		}
		defer s.Kill()
		before, _, err := s.Memory()
		if err != nil {
			return "", err
		}
		text := content(e.short)
		if err := errors.Join(os.WriteFile(table, []byte(text), 0o644), s.ForgetPeak()); err != nil {
			return "", err
		}
		took, reloadErr := s.Reload()
		said := "loaded"
		if errors.Is(reloadErr, target.ErrRefused) {
			said, reloadErr = "refused", nil
		}
		resident, peak, err := s.Memory()
		if err != nil {
			return "", fmt.Errorf("the program is gone: %w", err)
		}
		if grown := peak - before; grown > 256<<20 {
			err = fmt.Errorf("the reload took %s more than the previous table", mib(grown))
		}
		_, loadErr := asked(ctx, s, "d0000001.example", 100)
		_, stopErr := s.Stop(stopLimit)
		return fmt.Sprintf("%s of YAML %s in %s; resident %s, peak %s, then %s", mib(int64(len(text))), said, seconds(took.Round(10*time.Millisecond)), mib(before), mib(peak), mib(resident)),
			errors.Join(reloadErr, err, loadErr, stopErr)
	}
}
