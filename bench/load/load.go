// Package load sends requests to a server as clients do, over its own
// connections, and reports how long the answers took and how many requests
// failed.
//
// It never repeats a request. net/http's client does so silently when a kept
// connection ends, and would hide what a server loses.
package load

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Config configures Run. Address and Requests must be set.
type Config struct {
	Address  string        // host:port
	TLS      *tls.Config   // nil: plain HTTP; the name asked for is the first request's host
	Requests []Request     // asked in turn
	Clients  int           // at the same time; 0: 1
	Total    int           // requests in all; 0: until ctx ends
	Rate     int           // requests per second in all; 0: as fast as answers come
	Reuse    bool          // keep connections; otherwise each request has its own
	Timeout  time.Duration // for one request, connecting included; 0: 10 s
	GiveUp   int           // a client stops after so many failures; 0: after 10
}

// Result is the result of Run.
type Result struct {
	Sent     int
	Failed   int
	Failures map[string]int // what went wrong and how often
	Elapsed  time.Duration
	times    []time.Duration // of the good answers, sorted
}

// Run sends until Total is reached or ctx ends.
func Run(ctx context.Context, cfg Config) Result {
	cfg.Clients = max(cfg.Clients, 1)
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.GiveUp == 0 {
		cfg.GiveUp = 10
	}
	results := make([]Result, cfg.Clients)
	var next atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for i := range results {
		wg.Go(func() { results[i] = oneClient(ctx, cfg, &next, start) })
	}
	wg.Wait()
	all := Result{Failures: map[string]int{}, Elapsed: time.Since(start)}
	for _, r := range results {
		all.Sent += r.Sent
		all.Failed += r.Failed
		for what, n := range r.Failures {
			all.Failures[what] += n
		}
		all.times = append(all.times, r.times...)
	}
	slices.Sort(all.times)
	return all
}

func oneClient(ctx context.Context, cfg Config, next *atomic.Int64, start time.Time) Result {
	c := client{cfg: cfg}
	defer c.close()
	r := Result{Failures: map[string]int{}}
	for ctx.Err() == nil && r.Failed < cfg.GiveUp {
		n := next.Add(1) - 1
		if cfg.Total > 0 && n >= int64(cfg.Total) {
			break
		}
		if cfg.Rate > 0 {
			due := start.Add(time.Duration(n) * time.Second / time.Duration(cfg.Rate))
			select {
			case <-ctx.Done():
				return r
			case <-time.After(time.Until(due)):
			}
		}
		began := time.Now()
		err := c.ask(cfg.Requests[n%int64(len(cfg.Requests))])
		r.Sent++
		if err != nil {
			r.Failed++
			r.Failures[err.Error()]++
			continue
		}
		r.times = append(r.times, time.Since(began))
	}
	return r
}

// Percentile returns the time within which p of 100 good answers came; 0 without any.
func (r Result) Percentile(p float64) time.Duration {
	if len(r.times) == 0 {
		return 0
	}
	return r.times[min(int(float64(len(r.times))*p/100), len(r.times)-1)]
}

// PerSecond returns how many good answers came per second.
func (r Result) PerSecond() float64 {
	return float64(len(r.times)) / r.Elapsed.Seconds()
}

// Err names what failed, nil if nothing did.
func (r Result) Err() error {
	if r.Failed == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d requests failed: %v", r.Failed, r.Sent, r.Failures)
}

// Request is one request and what its answer must be.
type Request struct {
	Method, Path, Host string
	ContentType, Body  string
	Status             int    // what the answer must have
	Contains           string // what its body must have
}

func (r Request) bytes(reuse bool) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.Method, r.Path, r.Host)
	if !reuse {
		b.WriteString("Connection: close\r\n")
	}
	if r.Body != "" {
		fmt.Fprintf(&b, "Content-Type: %s\r\nContent-Length: %d\r\n", r.ContentType, len(r.Body))
	}
	b.WriteString("\r\n")
	b.WriteString(r.Body)
	return b.Bytes()
}

// client has one connection at most.
type client struct {
	cfg    Config
	conn   net.Conn
	reader *bufio.Reader
}

func (c *client) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

func (c *client) dial(name string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: c.cfg.Timeout}
	if c.cfg.TLS == nil {
		return dialer.Dial("tcp", c.cfg.Address)
	}
	cfg := c.cfg.TLS.Clone()
	cfg.ServerName = name
	conn, err := tls.DialWithDialer(dialer, "tcp", c.cfg.Address, cfg)
	if err != nil {
		return nil, err // not the conn, which would be a nil in an interface
	}
	return conn, nil
}

// ask sends a request and reads its answer. Its errors have few different
// texts, because they are counted.
func (c *client) ask(r Request) (err error) {
	defer func() {
		if err != nil || !c.cfg.Reuse {
			c.close()
		}
	}()
	kept := "new"
	if c.conn != nil {
		kept = "kept"
	} else {
		if c.conn, err = c.dial(r.Host); err != nil {
			return fmt.Errorf("connecting: %w", plain(err))
		}
		c.reader = bufio.NewReader(c.conn)
	}
	_ = c.conn.SetDeadline(time.Now().Add(c.cfg.Timeout)) // an error shows in what follows
	if _, err := c.conn.Write(r.bytes(c.cfg.Reuse)); err != nil {
		return fmt.Errorf("sending %s on a %s connection: %w", r.Method, kept, plain(err))
	}
	response, err := http.ReadResponse(c.reader, &http.Request{Method: r.Method})
	if err != nil {
		return fmt.Errorf("answer to %s on a %s connection: %w", r.Method, kept, plain(err))
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return fmt.Errorf("body of the answer to %s: %w", r.Method, plain(err))
	case response.StatusCode != r.Status:
		return fmt.Errorf("%s %s: status %d, want %d", r.Method, r.Path, response.StatusCode, r.Status)
	case !bytes.Contains(body, []byte(r.Contains)):
		return fmt.Errorf("%s %s: the body lacks %q", r.Method, r.Path, r.Contains)
	}
	if response.Close {
		c.close()
	}
	return nil
}
