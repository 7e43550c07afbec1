package doctor

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"mailsetup/internal/clients"
)

// documents judges every answer once, by the rules of all clients that asked.
func (d *diagnosis) documents(z zone, w *fetcher) {
	good := map[string]bool{}
	for _, f := range w.all() {
		host := f.parsed().Hostname()
		if d.down[host] && f.parsed().Scheme == "https" || f.parsed().Scheme == "http" && errors.Is(f.err, errMicrosoft365) {
			continue
		}
		id, detail, who := d.judge(f)
		switch {
		case id == "" && f.err == nil && isSuccess(f.answer) && !good[f.url()]:
			good[f.url()] = true
			d.pass(Answers, f.request.Method+" "+f.url()+" is answered as it should be.")
		case id == OutOfTime:
			d.add(fault{id: id, severity: Unknown, host: host, clients: who})
		case id != "" && !d.down[host]:
			s := Problem
			if host == d.c.Domain.String() && id == RedirectPrivate {
				s = Warning // the web site is only a second place to look
			}
			d.add(fault{id: id, severity: s, host: host, detail: detail, clients: who, site: host == d.c.Domain.String()})
		}
	}
	d.foldAnswers(z)
	for _, f := range w.catchAllProbes {
		if f.err == nil && isSuccess(f.answer) {
			d.add(fault{id: CatchAllPage, severity: Warning, host: f.parsed().Hostname()})
		}
	}
	if f := w.foreignDomainProbe; f != nil && f.err == nil && f.answer.Status == http.StatusOK && !isPage(f.answer) {
		d.add(fault{id: AnswersEverybody, severity: Warning, host: f.parsed().Hostname()})
	}
}

// foldAnswers puts answers under what explains them: where a stranger answers, for
// want of a record or otherwise, all that it says follows from that.
func (d *diagnosis) foldAnswers(z zone) {
	for _, host := range d.c.hostNames()[:2] {
		n := z.names[host]
		var strange, other bool
		for _, f := range d.faults {
			if f.host != host {
				continue
			}
			switch f.id {
			case CatchAllPage, NotServed, UnusableDocument, RedirectElsewhere, AsksForPassword:
				strange, other = true, true
			case ContentType, SettingsDiffer, ServerError, RedirectRelative, NoAnswer, Slow:
				other = true
			}
		}
		wild := strange && z.isWildcard(n) && !d.leadsToServer(n)
		d.faults = slices.DeleteFunc(d.faults, func(f fault) bool {
			return f.host == host && (other && f.id == AnnouncesActiveSync || wild && f.severity == Problem)
		})
		if wild {
			label, _, _ := strings.Cut(host, ".")
			d.add(fault{id: Wildcard, host: host, clients: d.askers(host), records: d.record(label)})
		}
	}
}

// leadsToServer reports whether a name leads to where mailsetup is said to be.
func (d *diagnosis) leadsToServer(n name) bool {
	return n.leadsTo(func(alias string) bool { return alias == d.c.Server.Name.String() }) ||
		slices.ContainsFunc(append(slices.Clone(n.v4), n.v6...), func(ip netip.Addr) bool { return slices.Contains(d.c.Server.Addresses, ip) })
}

// required reports whether clients have nothing else to turn to when this is not
// answered: the two URLs that mailsetup dns leads them to.
func (d *diagnosis) required(f *fetch) bool {
	u, domain := f.parsed(), d.c.Domain.String()
	if u.Scheme != "https" || f.request.Format == clients.MobileSync || f.request.Format == clients.AutodiscoverJSON {
		return false
	}
	switch u.Hostname() {
	case autoconfig + "." + domain:
		return u.Path == "/mail/config-v1.1.xml"
	case autodiscover + "." + domain:
		return true
	case domain:
		return false
	}
	return true // a client was sent there
}

// judge says what is wrong with an answer; "" if nothing, or nothing that matters.
func (d *diagnosis) judge(f *fetch) (id ID, detail string, who []string) {
	ours := f.parsed().Hostname() != d.c.Domain.String()
	switch {
	case redirectOnly(f.request):
		return "", "", nil
	case f.timedOut && ours:
		return OutOfTime, "", f.askers
	case isNotPublic(f.err) && len(f.hops) > 0:
		return RedirectPrivate, f.hops[len(f.hops)-1].to.Hostname() + " (" + f.err.Error() + ")", f.askers
	case errors.Is(f.err, errPost) && !d.required(f):
		return "", "", nil
	case errors.Is(f.err, errPost) && len(f.hops) > 0:
		return RedirectPost, f.hops[len(f.hops)-1].to.Redacted(), f.askers
	case ours && slices.ContainsFunc(f.hops, func(h hop) bool { return baseDomain(h.to.Hostname()) != baseDomain(h.from.Hostname()) }):
		return RedirectElsewhere, f.hops[len(f.hops)-1].to.Hostname(), f.askers
	case ours && slices.ContainsFunc(f.hops, func(h hop) bool { return h.relative }):
		return RedirectRelative, f.url(), []string{deltaChat}
	case f.err != nil && !d.required(f):
		return "", "", nil
	case f.slow:
		return Slow, f.url(), f.askers
	case f.err != nil:
		return NoAnswer, f.url() + " (" + f.err.Error() + ")", f.askers
	case f.answer.Status == http.StatusUnauthorized || f.answer.Status == http.StatusProxyAuthRequired:
		return AsksForPassword, f.url(), f.askers
	case isSuccess(f.answer):
		return d.judgeDocument(f)
	case !d.required(f):
		return "", "", nil
	case f.answer.Status == http.StatusForbidden || f.answer.Status == http.StatusTooManyRequests || f.challenge:
		// mailsetup refuses no mail client with these.
		return Blocked, f.url() + " (status " + strconv.Itoa(f.answer.Status) + f.says() + ")", f.askers
	case f.answer.Status >= 500:
		return ServerError, f.url() + " (status " + strconv.Itoa(f.answer.Status) + ")", f.askers
	}
	return NotServed, f.url() + " (status " + strconv.Itoa(f.answer.Status) + ")", f.askers
}

func (d *diagnosis) judgeDocument(f *fetch) (id ID, detail string, who []string) {
	for _, client := range clients.All {
		reading, reads := client.Reading(f.request.Format)
		if !reads || !slices.Contains(f.askers, client.Name) {
			continue
		}
		worst, why := d.judgeReading(f, reading)
		if worst == "" {
			continue
		}
		who = append(who, client.Name)
		if id == "" {
			id, detail = worst, why
		}
	}
	return id, detail, who
}

// judgeReading is what one client's reader makes of a success.
func (d *diagnosis) judgeReading(f *fetch, reading clients.Reading) (ID, string) {
	settings, err := reading.Read(f.answer, d.c.address)
	if err == nil {
		differs := d.differs(reading, settings)
		if len(differs) > 0 && f.parsed().Hostname() == d.c.Domain.String() {
			return SettingsElsewhere, f.url()
		}
		if len(differs) > 0 {
			return SettingsDiffer, strings.Join(differs, "; ")
		}
		return "", ""
	}
	if _, further := errors.AsType[*clients.FollowUp](err); further {
		return "", ""
	}
	stops := errors.Is(err, clients.ErrDeadEnd)
	switch {
	case !stops && !d.required(f):
		return "", "" // it goes on to a better answer
	case isPage(f.answer):
		return CatchAllPage, f.url()
	case announcesActiveSync(f.answer):
		return AnnouncesActiveSync, f.url()
	}
	as := f.answer
	as.ContentType = "text/xml"
	if _, err := reading.Read(as, d.c.address); err == nil {
		return ContentType, f.answer.ContentType
	}
	return UnusableDocument, f.url() + ": " + reason(err)
}

// announcesActiveSync tells an answer about ActiveSync from a page or an empty
// success, at which clients of ActiveSync stop as well.
func announcesActiveSync(a clients.Answer) bool {
	body := bytes.ToLower(a.Body)
	return !isPage(a) && (bytes.Contains(body, []byte("mobilesync")) || bytes.Contains(body, []byte("activesync")))
}

// redirectOnly reports whether a client looks only for a redirect: Exchange's last
// step is a GET over http ([MS-OXDISCO] 3.1.5.4), and what it says besides is not
// for clients of ActiveSync.
func redirectOnly(r clients.Request) bool {
	return r.Format == clients.MobileSync && r.Method == http.MethodGet
}

// differs holds what a client read against the table. Of a client that cannot take
// a login from the format, only the servers count.
func (d *diagnosis) differs(reading clients.Reading, got clients.Settings) []string {
	want, err := clients.Expected(reading.Format, d.c.match.Account(d.c.address), d.c.address)
	if err != nil {
		return nil
	}
	if reading.Limit != "" {
		got.Incoming.Login, got.Incoming.Stated = want.Incoming.Login, want.Incoming.Stated
		got.Outgoing.Login, got.Outgoing.Stated = want.Outgoing.Login, want.Outgoing.Stated
	}
	return got.Differs(want)
}

// reason is an error of a reader without the part that says how the client goes on.
func reason(err error) string {
	text := err.Error()
	for _, way := range []error{clients.ErrDeadEnd, clients.ErrNext} {
		text = strings.TrimPrefix(text, way.Error()+": ")
	}
	return text
}

func isSuccess(a clients.Answer) bool { return a.Status >= 200 && a.Status <= 299 }

// isPage reports whether an answer is a page for people.
func isPage(a clients.Answer) bool {
	if kind, _, err := mime.ParseMediaType(a.ContentType); err == nil && (kind == "text/html" || kind == "application/xhtml+xml") {
		return true
	}
	begin := bytes.ToLower(bytes.TrimSpace(a.Body[:min(len(a.Body), 512)]))
	return bytes.HasPrefix(begin, []byte("<!doctype html")) || bytes.HasPrefix(begin, []byte("<html"))
}
