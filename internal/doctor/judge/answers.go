package judge

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"

	"mailsetup/internal/clients"
	"mailsetup/internal/doctor/probe"
)

// answers judges every answer once, by the rules of all clients that asked.
func (j *judge) answers() {
	bad := map[string]bool{} // by URL
	for _, f := range j.Fetches {
		u := f.URL()
		if j.down[u.Hostname()] && u.Scheme == "https" || f.Failure.Kind == probe.Microsoft365 {
			continue
		}
		fault, ok := j.answer(f)
		if !ok {
			continue
		}
		bad[f.Place()] = true
		fault.Host = u.Hostname()
		if fault.ID != OutOfTime && j.down[fault.Host] {
			continue
		}
		j.add(fault)
	}
	for _, f := range j.Fetches {
		// An answer of the web site is good only because it has no effect.
		if f.Succeeded() && !bad[f.Place()] && f.URL().Hostname() != j.domain() && !probe.RedirectOnly(f.Request) && !(j.down[f.URL().Hostname()] && f.URL().Scheme == "https") {
			bad[f.Place()] = true // once is enough
			j.pass(Passed{ID: AnswerGood, Method: f.Request.Method, URL: f.Place()})
		}
	}
	j.foldAnswers()
	for _, f := range j.CatchAllProbes {
		if f.Succeeded() && !j.isStrange(f.URL().Hostname()) {
			j.add(Fault{Kind: Kind{ID: CatchAllPage, Severity: Warning}, Host: f.URL().Hostname()})
		}
	}
	if f := j.ForeignDomainProbe; f != nil && f.Succeeded() && j.givesSettings(f.Answer) {
		j.add(Fault{Kind: Kind{ID: AnswersEverybody, Severity: Warning}, Host: f.URL().Hostname()})
	}
}

// isStrange reports whether something other than mailsetup answers for a name. Its
// other answers follow from that and are not reported again.
func (j *judge) isStrange(host string) bool {
	return slices.ContainsFunc(j.d.Faults, func(f Fault) bool {
		return f.Host == host && f.Severity == Problem && (isStrangers(f.ID) || f.ID == Wildcard)
	})
}

// isStrangers reports whether an answer is one that mailsetup never gives.
func isStrangers(id ID) bool {
	switch id {
	case CatchAllPage, NotServed, UnusableDocument, RedirectElsewhere, AsksForPassword:
		return true
	}
	return false
}

// givesSettings reports whether any client could use an answer to Outlook's request.
func (j *judge) givesSettings(a clients.Answer) bool {
	return slices.ContainsFunc(clients.All, func(c clients.Client) bool {
		reading, reads := c.Reading(clients.Autodiscover)
		if !reads {
			return false
		}
		_, err := reading.Read(a, j.Address)
		return err == nil
	})
}

// foldAnswers drops answers that another fault explains: if something else
// answers, because of a missing record or otherwise, all its answers follow from
// that.
func (j *judge) foldAnswers() {
	for _, label := range j.Labels {
		host := label + "." + j.domain()
		n := j.Zone.Names[host]
		var strange, other bool
		for _, f := range j.d.Faults {
			if f.Host != host {
				continue
			}
			switch {
			case isStrangers(f.ID):
				strange, other = true, true
			case slices.Contains([]ID{ContentType, SettingsDiffer, ServerError, RedirectRelative, RedirectCircle, NoAnswer, Slow}, f.ID):
				other = true
			}
		}
		wild := strange && j.Zone.IsWildcard(n) && !j.leadsToServer(n)
		j.d.Faults = slices.DeleteFunc(j.d.Faults, func(f Fault) bool {
			return f.Host == host && (other && f.ID == AnnouncesActiveSync || wild && f.Severity == Problem)
		})
		if wild {
			j.add(Fault{Kind: Kind{ID: Wildcard}, Host: host, Clients: j.askers(host), Records: j.record(label)})
		}
	}
}

// required reports whether clients have no alternative if this is not answered:
// true for the two URLs that the records of mailsetup dns point to.
func (j *judge) required(f *probe.Fetch) bool {
	u := f.URL()
	if u.Scheme != "https" || f.Request.Format == clients.MobileSync || f.Request.Format == clients.AutodiscoverJSON {
		return false
	}
	switch u.Hostname() {
	case probe.Autoconfig + "." + j.domain():
		return u.Path == "/mail/config-v1.1.xml"
	case probe.Autodiscover + "." + j.domain():
		return true
	case j.domain():
		return false
	}
	return true // a server sent a client there
}

// answer says what is wrong with an answer, if it matters. The end of a chain of
// redirects counts more than the chain itself.
func (j *judge) answer(f *probe.Fetch) (Fault, bool) {
	ours := f.URL().Hostname() != j.domain()
	fault := Fault{URL: f.Place(), Failure: f.Failure, Status: f.Answer.Status, Clients: f.Askers}
	as := func(id ID) (Fault, bool) { fault.ID = id; return fault, true }
	switch {
	case probe.RedirectOnly(f.Request):
		return Fault{}, false
	case f.Failure.Kind == probe.OutOfTime:
		fault.Severity = Unknown
		fault.ID = OutOfTime
		return fault, ours
	case f.Failure.Kind == probe.NotPublic && len(f.Hops) > 0:
		fault.Target = f.End().Hostname()
		if !ours {
			fault.Severity = Warning // the web site is only a second place to ask
		}
		return as(RedirectPrivate)
	case f.Failure.Failed() && !j.required(f):
		return Fault{}, false
	case f.Failure.Kind == probe.PostLedAstray && len(f.Hops) > 0:
		fault.Target = f.End().Scheme + "://" + f.End().Host + f.End().EscapedPath()
		return as(RedirectPost)
	case f.Failure.Kind == probe.RedirectCircle:
		return as(RedirectCircle)
	case ours && slices.ContainsFunc(f.Hops, func(h probe.Hop) bool {
		return probe.BaseDomain(h.To.Hostname()) != probe.BaseDomain(h.From.Hostname())
	}):
		fault.Target = f.End().Hostname()
		return as(RedirectElsewhere)
	case f.Failure.Kind == probe.Silent:
		return as(Slow)
	case f.Failure.Failed():
		return as(NoAnswer)
	case f.Answer.Status == http.StatusUnauthorized || f.Answer.Status == http.StatusProxyAuthRequired:
		if !ours {
			if fault.Clients = j.meet(f); len(fault.Clients) == 0 {
				return Fault{}, false
			}
		}
		return as(AsksForPassword)
	case f.Succeeded():
		if bad, ok := j.document(f); ok {
			return bad, true
		}
		fault.Clients = slices.DeleteFunc(named(func(c clients.Client) bool { return c.NeedsAbsoluteRedirect }),
			func(name string) bool { return !slices.Contains(f.Askers, name) })
		if ours && f.IsRelative() && len(fault.Clients) > 0 {
			return as(RedirectRelative)
		}
		return Fault{}, false
	case !j.required(f):
		return Fault{}, false
	case f.Answer.Status == http.StatusForbidden || f.Answer.Status == http.StatusTooManyRequests || f.Challenge:
		// mailsetup never refuses mail clients with these.
		fault.Server = f.Server
		return as(Blocked)
	case f.Answer.Status >= 500:
		return as(ServerError)
	}
	return as(NotServed)
}

// document returns the result of the clients' readers for a success: the first fault,
// and all clients that have one.
func (j *judge) document(f *probe.Fetch) (first Fault, bad bool) {
	var who []string
	for _, client := range clients.All {
		reading, reads := client.Reading(f.Request.Format)
		if !reads || !slices.Contains(f.Askers, client.Name) {
			continue
		}
		fault, ok := j.reading(f, reading)
		if !ok {
			continue
		}
		who = append(who, client.Name)
		if !bad {
			first, bad = fault, true
		}
	}
	first.Clients = who
	switch {
	case !bad:
	case first.ID == SettingsElsewhere:
		if first.Clients = j.takers(f); len(first.Clients) == 0 {
			first.Severity = Warning // it does harm only when our names fail
		}
	case f.URL().Hostname() == j.domain():
		// The web site is only a second place to ask: it does harm if a client
		// gets there and ends up with nothing.
		met := j.meet(f)
		first.Clients = slices.DeleteFunc(who, func(name string) bool { return !slices.Contains(met, name) || j.succeeds(name) })
		bad = len(first.Clients) > 0
	}
	return first, bad
}

// meet returns the clients whose search reaches an answer.
func (j *judge) meet(f *probe.Fetch) []string {
	var all []string
	for _, s := range j.Searches {
		if slices.Contains(s.Asked, f) {
			all = append(all, s.Client.Name)
		}
	}
	return all
}

// succeeds reports whether a client finds settings somewhere.
func (j *judge) succeeds(client string) bool {
	return slices.ContainsFunc(j.Searches, func(s probe.Search) bool { return s.Client.Name == client && s.Err == nil })
}

// takers returns the clients whose search ends with an answer.
func (j *judge) takers(f *probe.Fetch) []string {
	var all []string
	for _, s := range j.Searches {
		if s.Err == nil && s.Found.Request.URL == f.Request.URL && slices.Contains(f.Askers, s.Client.Name) {
			all = append(all, s.Client.Name)
		}
	}
	return all
}

// reading returns the result of one client's reader for a success.
func (j *judge) reading(f *probe.Fetch, reading clients.Reading) (fault Fault, bad bool) {
	fault = Fault{URL: f.Place(), ContentType: f.Answer.ContentType}
	settings, err := reading.Read(f.Answer, j.Address)
	if err == nil {
		fault.Differences = j.differs(reading, settings)
		fault.ID = SettingsDiffer
		if f.URL().Hostname() == j.domain() {
			fault.ID = SettingsElsewhere
		}
		return fault, len(fault.Differences) > 0
	}
	if _, further := errors.AsType[*clients.FollowUp](err); further {
		return Fault{}, false
	}
	if !errors.Is(err, clients.ErrDeadEnd) && !j.required(f) {
		return Fault{}, false // it goes on to a better answer
	}
	if !j.fits(reading) {
		return Fault{}, false // nor could it use a better one
	}
	asXML := f.Answer
	asXML.ContentType = "text/xml"
	_, otherwise := reading.Read(asXML, j.Address)
	switch {
	case isPage(f.Answer):
		fault.ID = CatchAllPage
	case announcesActiveSync(f.Answer):
		fault.ID = AnnouncesActiveSync
	case otherwise == nil:
		fault.ID = ContentType
	default:
		fault.ID, fault.Unusable = UnusableDocument, unusable(f.Answer.Body)
	}
	return fault, true
}

// unusable says what kind of document clients cannot use.
func unusable(body []byte) Unusable {
	if len(bytes.TrimSpace(body)) == 0 {
		return EmptyDocument
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	// Which bytes a declared charset means does not matter for the markup.
	d.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	root := ""
	for {
		token, err := d.Token()
		if err == io.EOF && root != "" {
			break
		}
		if err != nil {
			return NotXML
		}
		if start, ok := token.(xml.StartElement); ok && root == "" {
			root = start.Name.Local
		}
	}
	if root != "clientConfig" && root != "Autodiscover" {
		return OtherXML
	}
	return Unfit
}

// announcesActiveSync distinguishes an answer about ActiveSync from a page or
// an empty success, at which ActiveSync clients also stop.
func announcesActiveSync(a clients.Answer) bool {
	body := bytes.ToLower(a.Body)
	return !isPage(a) && (bytes.Contains(body, []byte("mobilesync")) || bytes.Contains(body, []byte("activesync")))
}

// isPage reports whether an answer is a page for people.
func isPage(a clients.Answer) bool {
	if kind, _, err := mime.ParseMediaType(a.ContentType); err == nil && (kind == "text/html" || kind == "application/xhtml+xml") {
		return true
	}
	begin := bytes.ToLower(bytes.TrimSpace(a.Body[:min(len(a.Body), 512)]))
	return bytes.HasPrefix(begin, []byte("<!doctype html")) || bytes.HasPrefix(begin, []byte("<html"))
}
