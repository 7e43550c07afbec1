package doctor

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"mailsetup/internal/clients"
	"mailsetup/internal/provider"
)

// deltaChat does not follow a redirect whose Location names no host.
const deltaChat = "Delta Chat"

// outlookRequest is the request of classic Outlook for the XML at autodiscover.
func outlookRequest(address provider.Address) clients.Request {
	for _, client := range clients.All {
		if client.Name != "Outlook (classic)" {
			continue
		}
		for _, r := range client.Requests(address) {
			if r.Format == clients.Autodiscover && strings.HasPrefix(r.URL, "https://"+autodiscover+".") {
				return r
			}
		}
	}
	return clients.Request{}
}

// all returns the requests in the order in which they were first wanted.
func (w *fetcher) all() []*fetch {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.order)
}

// A search is one client's walk through its requests.
type search struct {
	client   clients.Client
	found    clients.Found
	err      error
	timedOut bool // some answer is not known
	last     clients.Answer
}

// discover lets every client search. Answers are those that were fetched; only
// where one sends a client on is anything asked anew.
func (w *fetcher) discover(ctx context.Context) []search {
	all := make([]search, len(clients.All))
	var wg sync.WaitGroup
	for i, client := range clients.All {
		all[i].client = client
		if client.Requests == nil {
			continue
		}
		wg.Go(func() {
			s := &all[i]
			s.found, s.err = client.Discover(w.c.address, func(r clients.Request) (clients.Answer, error) {
				if r.Database {
					return clients.Answer{Status: http.StatusNotFound, Body: []byte("not asked")}, nil
				}
				if redirectOnly(r) {
					return clients.Answer{}, errors.New("only a redirect counts there")
				}
				f := w.add(r, client.Name)
				w.send(ctx, f)
				switch {
				case f.err != nil:
					s.timedOut = s.timedOut || f.timedOut || isUnknown(f.err)
					return clients.Answer{}, f.err
				case r.Timeout > 0 && f.took > r.Timeout:
					return clients.Answer{}, errTimeout
				case client.Name == deltaChat && slices.ContainsFunc(f.hops, func(h hop) bool { return h.relative }):
					return clients.Answer{}, errors.New("the redirect names no host")
				}
				s.last = f.answer
				return f.answer, nil
			})
		})
	}
	wg.Wait()
	return all
}

// isUnknown reports whether a request failed for a reason that says nothing about
// the server: DNS was not answered, say.
func isUnknown(err error) bool {
	_, unanswered := errors.AsType[dnsError](err)
	return unanswered && !errors.Is(err, errDNSSEC) || errors.Is(err, errDeadline) || errors.Is(err, errNoIPv6)
}

// explain makes a verdict of every search.
func (d *diagnosis) explain(searches []search, findings []Finding) []Verdict {
	var all []Verdict
	for _, s := range searches {
		v := d.verdict(s, findings)
		if (v.Result == Configured || v.Result == Partly) && mailServerAtFault(findings) {
			v.Text = strings.TrimSuffix(v.Text, ".") + "; but a mail server is at fault."
		}
		if v.Result != Undecided {
			v.Text = s.client.Evidence + v.Text
		}
		v.Client = s.client.Name
		all = append(all, v)
	}
	return all
}

// mailServerAtFault reports whether somebody who is set up well still can't read
// or send.
func mailServerAtFault(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool {
		return f.Topic == MailServers && f.Severity == Problem
	})
}

func (d *diagnosis) verdict(s search, findings []Finding) Verdict {
	switch {
	case s.client.Requests == nil:
		return Verdict{Result: NotAsking, Text: "asks no server; people fetch a profile from the server's page."}
	case !readsSettings(s.client):
		return d.activeSync(s)
	case s.err != nil && s.timedOut:
		return failed(Undecided, "could not be found out", because(s.client.Name, findings, Unknown))
	case s.err != nil:
		return failed(Nothing, "finds nothing", because(s.client.Name, findings, Problem))
	}
	reading, _ := s.client.Reading(s.found.Request.Format)
	way := ""
	if strings.HasPrefix(s.found.Request.URL, "http://") {
		way = ", over plain http, which anybody on the way can change"
	}
	if differs := d.differs(reading, s.found.Settings); len(differs) > 0 {
		reason := strings.Join(differs, "; ")
		return Verdict{Result: Wrong, Text: "takes wrong settings" + way + ": " + reason + ".", reason: reason}
	}
	account := d.c.match.Account(d.c.address)
	switch {
	case account.Incoming.Login.Name == "" && d.c.match.HasStatedLogins() && d.namesMailbox(s.found.Request):
		return Verdict{Result: Configured, Text: "sets itself up for the addresses whose logins the table states" + way + "."}
	case account.Incoming.Login.Name == "":
		return Verdict{Result: Partly, Text: "finds the servers" + way + "; people must enter their login, because the table does not state it."}
	case reading.Limit != "" && !d.exactly(reading, s.found.Settings):
		return Verdict{Result: Partly, Text: "finds the servers" + way + "; it " + reading.Limit + "."}
	}
	return Verdict{Result: Configured, Text: "sets itself up" + way + "."}
}

// exactly reports whether a client that has its limits got the logins right all the
// same.
func (d *diagnosis) exactly(reading clients.Reading, got clients.Settings) bool {
	reading.Limit = ""
	return len(d.differs(reading, got)) == 0
}

// namesMailbox reports whether a request tells who asks. Only then can a login come back
// that is stated for one address.
func (d *diagnosis) namesMailbox(r clients.Request) bool {
	text, err := url.QueryUnescape(r.URL)
	return err == nil && strings.Contains(text, d.c.address.String()) || strings.Contains(string(r.Body), d.c.address.String())
}

// readsSettings reports whether a client can be set up by any document at all.
func readsSettings(c clients.Client) bool {
	return slices.ContainsFunc(c.Readings, func(r clients.Reading) bool {
		return r.Format == clients.Autoconfig || r.Format == clients.Autodiscover
	})
}

// activeSync is the verdict for clients that want ActiveSync and must be refused,
// so that they turn to IMAP.
func (d *diagnosis) activeSync(s search) Verdict {
	switch {
	case errors.Is(s.err, clients.ErrDeadEnd) && !announcesActiveSync(s.last):
		return Verdict{Result: Wrong, Text: "gets an answer at status 200 that it cannot use, and stops there."}
	case errors.Is(s.err, clients.ErrDeadEnd):
		return Verdict{Result: Wrong, Text: "is told that there is ActiveSync, and stops there."}
	case s.timedOut:
		return Verdict{Result: Undecided, Text: "could not be found out."}
	case errors.Is(s.err, errMicrosoft365):
		return Verdict{Result: Undecided, Text: "is led to Microsoft 365, which was not asked."}
	}
	return Verdict{Result: NotAsking, Text: "wants ActiveSync and finds none, which leaves IMAP open."}
}

func failed(r Result, text, reason string) Verdict {
	v := Verdict{Result: r, Text: text + ".", reason: reason}
	if reason != "" {
		v.Text = text + becauseOf + reason + "."
	}
	return v
}

const becauseOf = ", because "

// because names the findings that explain a client's failure. One alone would not
// do: a client goes on to its next URL.
func because(client string, findings []Finding, s Severity) string {
	var reasons []string
	for _, f := range findings {
		if f.Severity == s && f.because != "" && slices.Contains(f.Clients, client) {
			reasons = append(reasons, f.because)
		}
	}
	return strings.Join(reasons, ", and because ")
}
