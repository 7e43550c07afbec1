// Package wrk generates load with wrk, which uses far less processor time per
// request than a client in Go, and reads its report.
package wrk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// ErrMissing says how to get wrk.
var ErrMissing = errors.New("wrk is missing: install it (Debian: apt-get install wrk)")

// Connections is how many wrk holds open, in one thread.
const Connections = 32

// Find looks for wrk on this machine.
func Find() error {
	if _, err := exec.LookPath("wrk"); err != nil {
		return ErrMissing
	}
	return nil
}

// Request is what is sent again and again.
type Request struct {
	Method, Path, Host string
	ContentType, Body  string // of a POST
}

// script returns the Lua script for wrk. It has no function that wrk would call for
// each request.
func (r Request) script() string {
	var b strings.Builder
	fmt.Fprintf(&b, "wrk.method = %q\nwrk.headers[\"Host\"] = %q\n", r.Method, r.Host)
	if r.Body != "" {
		fmt.Fprintf(&b, "wrk.headers[\"Content-Type\"] = %q\nwrk.body = [==[%s]==]\n", r.ContentType, r.Body)
	}
	return b.String()
}

// Result is wrk's report.
type Result struct {
	Requests  int
	PerSecond float64
	P50, P99  time.Duration
	Busy      float64 // how much of one core wrk itself used, 0 to 1
}

// Run sends r to address for the time d, in whole seconds. It is also an error
// if an answer is not 2xx or does not come.
func Run(ctx context.Context, address string, r Request, d time.Duration) (Result, error) {
	folder, err := os.MkdirTemp("", "mailsetup-wrk-")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(folder)
	script := filepath.Join(folder, "request.lua")
	if err := os.WriteFile(script, []byte(r.script()), 0o600); err != nil {
		return Result{}, err
	}
	cmd := exec.CommandContext(ctx, "wrk", "--threads", "1", "--connections", strconv.Itoa(Connections),
		"--duration", fmt.Sprintf("%.0fs", d.Seconds()), "--latency", "--script", script, "http://"+address+r.Path)
	began := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return Result{}, fmt.Errorf("wrk: %w: %s", err, out)
	}
	result, err := parse(string(out))
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	result.Busy = used.Seconds() / time.Since(began).Seconds()
	return result, err
}

var (
	requestsOf  = regexp.MustCompile(`(?m)^\s+(\d+) requests in `)
	perSecondOf = regexp.MustCompile(`(?m)^Requests/sec:\s+([0-9.]+)$`)
	p50Of       = regexp.MustCompile(`(?m)^\s+50%\s+([0-9.]+(?:us|ms|s))\s*$`)
	p99Of       = regexp.MustCompile(`(?m)^\s+99%\s+([0-9.]+(?:us|ms|s))\s*$`)
	failures    = regexp.MustCompile(`(?m)^\s+(?:Socket errors:|Non-2xx or 3xx responses:).*$`)
)

func parse(out string) (r Result, err error) {
	if failed := failures.FindString(out); failed != "" {
		return r, fmt.Errorf("not every request was answered with 2xx: %s", strings.TrimSpace(failed))
	}
	number := func(re *regexp.Regexp) string {
		m := re.FindStringSubmatch(out)
		if m == nil {
			err = fmt.Errorf("wrk's output has no %s:\n%s", re, out)
			return ""
		}
		return m[1]
	}
	requests, perSecond, p50, p99 := number(requestsOf), number(perSecondOf), number(p50Of), number(p99Of)
	if err != nil {
		return r, err
	}
	var errs [4]error
	r.Requests, errs[0] = strconv.Atoi(requests)
	r.PerSecond, errs[1] = strconv.ParseFloat(perSecond, 64)
	r.P50, errs[2] = time.ParseDuration(p50)
	r.P99, errs[3] = time.ParseDuration(p99)
	return r, errors.Join(errs[:]...)
}
