package clients

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"mailsetup/internal/provider/providertest"
)

// Every client must be complete: a name for the doctor's verdict, a source to check
// its rules against, requests that can be sent, and a reader for each answer.
func TestAllClients(t *testing.T) {
	names := map[string]bool{}
	for _, c := range All {
		if c.Name == "" || names[c.Name] {
			t.Errorf("the name %q is empty or taken", c.Name)
		}
		names[c.Name] = true
		if !strings.HasPrefix(c.Source, "https://") || len(c.Readings) == 0 && c.Requests != nil {
			t.Errorf("%s: no source or no reader", c.Name)
		}
		if c.Requests == nil {
			continue
		}
		step := 0
		for _, r := range c.Requests(providertest.Address(t, "jane+x@example.com")) {
			u, err := url.Parse(r.URL)
			if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
				t.Errorf("%s: URL %s", c.Name, r.URL)
			}
			if _, ok := c.Reading(r.Format); !ok {
				t.Errorf("%s asks for %s and cannot read it", c.Name, r.Format)
			}
			if r.Step < step {
				t.Errorf("%s: the step of %s comes too late", c.Name, r.URL)
			}
			if r.Database != !strings.Contains(u.Host, "example.com") {
				t.Errorf("%s: Database is %v for %s", c.Name, r.Database, u.Host)
			}
			step = r.Step
		}
	}
}

// A page at one URL hides the good documents at the URLs below it, but not those of
// the next step: that is why an unknown domain must get a 404.
func TestDiscoverStopsAtADeadEnd(t *testing.T) {
	serve := func(first Answer, good string) func(Request) (Answer, error) {
		return func(r Request) (Answer, error) {
			switch {
			case strings.HasPrefix(r.URL, "https://autoconfig.example.com/"):
				return first, nil
			case strings.HasPrefix(r.URL, good):
				return Answer{Status: 200, ContentType: "text/xml", Body: []byte(goodConfig)}, nil
			}
			return Answer{}, errors.New("connection refused")
		}
	}
	page := Answer{Status: 200, ContentType: "text/html", Body: []byte("<html></html>")}
	missing := Answer{Status: 404, ContentType: "text/plain", Body: []byte("not found\n")}
	const wellKnown, database = "https://example.com/.well-known/", "https://live.thunderbird.net/"

	if _, err := thunderbird.Discover(jane(t), serve(page, wellKnown)); !errors.Is(err, ErrDeadEnd) {
		t.Errorf("behind a page: %v", err)
	}
	found, err := thunderbird.Discover(jane(t), serve(page, database))
	if err != nil || !found.Request.Database {
		t.Errorf("the next step: %v", err)
	}
	found, err = thunderbird.Discover(jane(t), serve(missing, wellKnown))
	if err != nil || !strings.HasPrefix(found.Request.URL, wellKnown) {
		t.Errorf("behind a 404: %v", err)
	}
	if _, err := appleDevices.Discover(jane(t), serve(page, wellKnown)); err == nil {
		t.Error("a client that sends no requests has found something")
	}
}

// A server that sends a client round in circles must not keep it busy for ever.
func TestDiscoverEndsCircles(t *testing.T) {
	asked := 0
	_, err := deltaChat.Discover(jane(t), func(r Request) (Answer, error) {
		asked++
		if r.Format != Autodiscover {
			return Answer{Status: 404}, nil
		}
		return Answer{Status: 200, Body: []byte("<RedirectUrl>https://example.com/x</RedirectUrl>")}, nil
	})
	if !errors.Is(err, ErrDeadEnd) || asked > 20 {
		t.Errorf("error %v after %d requests", err, asked)
	}
}

func TestDiffers(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Settings)
		want   string
	}{
		{"nothing", func(*Settings) {}, ""},
		{"TLS that is found out", func(s *Settings) { s.Incoming.Security = AnyTLS }, ""},
		{"a method that is negotiated", negotiated, ""},
		{"another host", func(s *Settings) { s.Incoming.Host = "x" }, `incoming host is "x" instead of "imap.example.com"`},
		{"another port", func(s *Settings) { s.Outgoing.Port = 25 }, "outgoing port is 25 instead of 587"},
		{"plaintext", func(s *Settings) { s.Outgoing.Security = Plaintext }, "outgoing security is plaintext instead of STARTTLS"},
		{"NTLM", func(s *Settings) { s.Incoming.Auth = AuthSPA }, "incoming authentication is NTLM instead of password"},
		{"another login", func(s *Settings) { s.Incoming.Login = "x" }, "incoming login differs"},
		{"a made-up login", func(s *Settings) { s.Incoming.Stated = false }, "incoming login is not taken from the document"},
	} {
		s := good()
		tt.change(&s)
		if got := strings.Join(s.Differs(good()), "; "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	unknown := goodBut(func(s *Settings) { s.Incoming.Login, s.Incoming.Stated = "", false })
	if got := strings.Join(good().Differs(unknown), "; "); got != "incoming login is stated where none is known" {
		t.Errorf("a guess: %q", got)
	}
}

func TestJXONNumbers(t *testing.T) {
	for in, want := range map[string]string{
		"00123": "123", " 7 ": "7", "1.50": "1.5", ".5": "0.5", "1e21": "1e+21", "1e-7": "1e-7", "-0": "0",
		"0x1F": "0", "0b11": "0", "1e999": "1e999", "Infinity": "Infinity", "TRUE": "true", "False": "false",
		"1_000": "1_000", "12a": "12a", "jane": "jane", "  ": "NaN", "0x": "0x",
	} {
		if got := jxonText(in).String(); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// No answer, however odd, may crash a reader: the doctor reads what unknown servers
// send.
func FuzzRead(f *testing.F) {
	for _, body := range []string{goodConfig, goodPOX, `{"Protocol":"AutodiscoverV1","Url":"https://example.com/"}`, "", "<", "<a/><b/>", "<x:a xmlns:x='y'/>",
		strings.ReplaceAll(goodConfig, "hostname", "host"), strings.ReplaceAll(goodConfig, "socketType", "x"), strings.ReplaceAll(goodConfig, "port", "x"),
		strings.ReplaceAll(goodPOX, "Server", "x"), strings.ReplaceAll(goodPOX, "Encryption", "x")} {
		f.Add(200, "text/xml", []byte(body))
	}
	f.Fuzz(func(t *testing.T, status int, ctype string, body []byte) {
		for _, c := range All {
			for _, r := range c.Readings {
				s, err := r.Read(Answer{Status: status, ContentType: ctype, Body: body}, jane(t))
				if err == nil && (s.Incoming.Host == "" || s.Outgoing.Host == "" || s.Incoming.Security == 0 || s.Outgoing.Security == 0) {
					t.Errorf("%s, %s: settings without host or security: %+v", c.Name, r.Format, s)
				}
				if _, follows := errors.AsType[*FollowUp](err); err != nil && !follows && errors.Is(err, ErrNext) == errors.Is(err, ErrDeadEnd) {
					t.Errorf("%s, %s: the error does not say how the client continues: %v", c.Name, r.Format, err)
				}
			}
		}
	})
}
