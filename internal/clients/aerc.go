package clients

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"

	"mailsetup/internal/provider"
)

// aerc. It ignores the HTTP status, and replaces a user name only if it is exactly
// %EMAILADDRESS%, in any case. It is written in Go and reads with encoding/xml, so
// this is exactly how it reads. It also asks for SRV records, and prefers them if
// there are any: they carry no login, so it uses the address. Rules:
// https://git.sr.ht/~rjarry/aerc at fab0531, lib/autoconfig/autoconfig.go.
var aerc = Client{
	Name:   "aerc",
	Source: "https://git.sr.ht/~rjarry/aerc/tree/master/item/lib/autoconfig/autoconfig.go",
	Requests: func(a provider.Address) []Request {
		d := a.Domain()
		query := "?emailaddress=" + url.QueryEscape(a.String())
		database := askDatabase(databaseThunderbird, d, 0)
		database.Step = 1
		// SRV records come before, a guess and MX records after.
		return []Request{
			getAutoconfig(mainURL("https", d)+query, 0),
			getAutoconfig(wellKnownURL("https", d)+query, 0),
			database,
		}
	},
	Readings: []Reading{{Format: Autoconfig, Limit: aercLimit, Read: func(ans Answer, a provider.Address) (Settings, error) {
		return new(aercConfig).read(ans, a)
	}}},
	PrefersMailSRV: true,
	perStep:        aercReadings,
}

// aercReadings reads every answer of a step into the same structure, as aerc
// does: what a bad document leaves there spoils the good one after it.
func aercReadings() []Reading {
	return []Reading{{Format: Autoconfig, Limit: aercLimit, Read: new(aercConfig).read}}
}

const aercLimit = "fills in only %EMAILADDRESS%; %EMAILLOCALPART% stays as it is"

type aercConfig struct {
	XMLName       xml.Name `xml:"clientConfig"`
	EmailProvider struct {
		IncomingServer []aercServer `xml:"incomingServer"`
		// No list: of several, each overwrites the one before.
		OutgoingServer aercServer `xml:"outgoingServer"`
	} `xml:"emailProvider"`
}

type aercServer struct {
	Type       string `xml:"type,attr"`
	Hostname   string `xml:"hostname"`
	Port       string `xml:"port"`
	SocketType string `xml:"socketType"`
	Username   string `xml:"username"`
}

func (doc *aercConfig) read(ans Answer, a provider.Address) (Settings, error) {
	if len(ans.Body) > maxBody {
		return Settings{}, next("longer than 1 MiB")
	}
	// Anything after the root element is ignored.
	if err := xml.NewDecoder(bytes.NewReader(ans.Body)).Decode(doc); err != nil {
		return Settings{}, next("%v", aercError(err))
	}
	for _, in := range doc.EmailProvider.IncomingServer {
		if !strings.EqualFold(in.Type, "imap") {
			continue
		}
		incoming, err := in.server(a)
		if err != nil {
			return Settings{}, err
		}
		outgoing, err := doc.EmailProvider.OutgoingServer.server(a)
		if err != nil {
			return Settings{}, err
		}
		return complete(incoming, outgoing)
	}
	return Settings{}, next("no imap server")
}

// aercError rewords the errors of aerc's library for people.
func aercError(err error) error {
	switch syntax, ok := errors.AsType[*xml.SyntaxError](err); {
	case ok:
		return malformedAt(syntax.Line, syntax.Msg)
	case strings.Contains(err.Error(), "CharsetReader"):
		return errors.New("it declares another encoding than UTF-8")
	case strings.Contains(err.Error(), "unsupported version"):
		return errors.New("its version of XML is not 1.0")
	case errors.Is(err, io.EOF):
		return errors.New("an empty body")
	}
	return errors.New("no clientConfig")
}

func (e aercServer) server(a provider.Address) (ServerSettings, error) {
	s := ServerSettings{Host: e.Hostname, Security: StartTLS, Auth: AuthNegotiated, Login: e.Username, Stated: true}
	var err error
	if s.Port, err = strconv.Atoi(e.Port); err != nil {
		return ServerSettings{}, next("invalid or missing port")
	}
	switch strings.ToLower(e.SocketType) { // any other word is STARTTLS
	case "plain":
		s.Security = Plaintext
	case "ssl":
		s.Security = TLS
	}
	if strings.EqualFold(s.Login, "%emailaddress%") {
		s.Login = a.String()
	}
	return s, nil
}
