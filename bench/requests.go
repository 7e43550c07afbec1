//go:build linux

package main

import (
	"context"
	"fmt"
	"time"

	"mailsetup/bench/load"
	"mailsetup/bench/target"
)

// requests returns the most frequent requests, for a domain whose mail is at iCloud.
func requests(domain string) []load.Request {
	body := `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>jane@` + domain + `</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>`
	return []load.Request{
		{Method: "GET", Path: "/mail/config-v1.1.xml?emailaddress=jane%40" + domain, Host: "autoconfig." + domain, Status: 200, Contains: "imap.mail.me.com"},
		{Method: "POST", Path: "/autodiscover/autodiscover.xml", Host: "autodiscover." + domain, ContentType: "text/xml", Body: body, Status: 200, Contains: "imap.mail.me.com"},
		{Method: "GET", Path: "/", Host: "autoconfig." + domain, Status: 200, Contains: "<html"},
	}
}

// asked sends n requests like a normal client and fails if one is not answered.
func asked(ctx context.Context, s *target.Server, domain string, n int) (load.Result, error) {
	r := load.Run(ctx, load.Config{Address: s.Address, Requests: requests(domain), Clients: 4, Total: n, Reuse: true, Timeout: 5 * time.Second, GiveUp: 1})
	return r, r.Err()
}

// hosting are the flags of a server that serves one domain.
var hosting = []string{"--domain", "a.example=icloud"}

// stopLimit is how long the program may take to stop: its drain of a second and
// the requests in progress.
const stopLimit = 15 * time.Second

// until retries what until it succeeds, for at most limit.
func until(limit time.Duration, what func() error) (time.Duration, error) {
	began := time.Now()
	for {
		err := what()
		if err == nil || time.Since(began) > limit {
			return time.Since(began), err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
