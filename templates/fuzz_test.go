package templates

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// For any body, the parser returns a valid address or a refusal that can be
// sent and logged.
func FuzzParseAutodiscoverRequest(f *testing.F) {
	for _, h := range hostile {
		f.Add([]byte(h.body(2048)))
	}
	files, err := filepath.Glob("testdata/request/*.xml")
	if err != nil || len(files) == 0 {
		f.Fatal("no requests in testdata", err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte(request(legacyDN("/o=x"))))
	for _, odd := range []string{"<Autodiscover xmlns=\"a\rb\"><Request><EMailAddress>a@example.com</EMailAddress></Request></Autodiscover>", "<Autodiscover><Request><EMailAddress>a</EMailAddress></Request></Autodiscover>", "<Autodiscover ><Request><LegacyDN>]]</LegacyDN></Request></Autodiscover>\r\n",
		"<?xml version=\"1.0\"?><Autodiscover xmlns=\"a\"><Request xmlns=\"\"><x><y>z</y></x>t</Request>u</Autodiscover> "} {
		f.Add([]byte(odd))
	}
	f.Add([]byte(request(email("a@example.com"), accepts(mobileResponse2006))))
	f.Fuzz(func(t *testing.T, body []byte) {
		checkPlain(t, body)
		got, err := ParseAutodiscoverRequest(body)
		if err == nil {
			if again, err := provider.ParseAddress(got.Address.String()); err != nil || again != got.Address {
				t.Fatalf("accepted %q, which is not an address: %v", got.Address, err)
			}
			return
		}
		refusal, ok := errors.AsType[*AutodiscoverError](err)
		if !ok || !got.Address.IsZero() {
			t.Fatalf("%v %v", got.Address, err)
		}
		if _, err := AutodiscoverErrorDocument(refusal.Code, time.Time{}, 0); err != nil {
			t.Fatal(err)
		}
		// Refusals have few, fixed texts, so that none quotes the request.
		if cause := refusal.Unwrap(); !errors.Is(cause, provider.ErrAddress) && !slices.Contains(refusals, error(refusal)) {
			t.Fatalf("a refusal that is not in the list: %v", err)
		}
	})
}

var refusals = []error{
	errTooLong, errMalformed, errTooComplex, errDirective, errStray, errNoRequest,
	errField, errNoAddress, errNamespace, errSchema, errLegacyDN,
}

// crafted are addresses that have smuggled markup into some server's documents,
// or could; only the first five are valid.
var crafted = []string{
	"jane..doe@b.test", "jane.@b.test",
	"a@b.test", "a&b@c.test", "o'hara+x=y{z}@c.test", "<x/>@c.test", "]]>@c.test", `"q'"@c.test`, "a\x01@c.test", "a\x00@c.test",
	"a\xff@c.test", "a\ufffe@c.test", "a\r\n@c.test", "a\u202e@c.test", "%EMAILADDRESS%@c.test", "аpple@icloud.com",
	"\ud7ff@c.test", "\U0001f600@c.test", `a</string><key>b@c.test`, `"<&>"@icloud.com`,
}

// Whatever the address and the name of the service, a document is well formed
// and contains the table's two servers with the account's logins, and no
// others.
func FuzzDocuments(f *testing.F) {
	table := table(f)
	for _, address := range crafted {
		f.Add(address, "Mail & <Co>")
	}
	f.Add("jane@icloud.com", "]]>\x00\ufffe\xff\"'\t\r\n")
	f.Add("jane@example.com", "<Protocol><Server>evil.test</Server></Protocol>")
	login := providertest.Address(f, "o'hara&co@icloud.com")
	f.Fuzz(func(t *testing.T, address, name string) {
		a, err := provider.ParseAddress(address)
		if err != nil {
			return
		}
		for _, p := range table.Providers() {
			renamed := *p
			renamed.Name, renamed.ShortName = name, name
			for _, acc := range []provider.Account{
				renamed.Account(),
				renamed.AccountWithLogin(a, provider.LoginOf(a)),
				renamed.AccountWithLogin(a, provider.LoginOf(login)),
				provider.HostedAt(&renamed, a.Domain()).Account(a),
				provider.HostedAt(&renamed, a.Domain()).Account(provider.Address{}),
			} {
				checkAutoconfig(t, acc)
				checkAutodiscover(t, acc)
			}
		}
	})
}

// A server is what a client takes from a document.
type server struct{ host, port, login string }

func checkAutoconfig(t *testing.T, a provider.Account) {
	t.Helper()
	doc, err := Autoconfig(a)
	if err != nil {
		t.Fatal(err)
	}
	root := parse(t, doc)
	for tag, e := range map[string]provider.Endpoint{"incomingServer": a.Incoming, "outgoingServer": a.Outgoing} {
		want := server{e.Host.String(), strconv.Itoa(int(e.Port)), e.Login.Name.String()}
		if e.Login.Kind != provider.LoginStated {
			want.login = "%EMAILADDRESS%"
			if e.Login.Kind == provider.LoginFromAddress && e.Username == provider.UsernameLocalPart {
				want.login = "%EMAILLOCALPART%"
			}
		}
		servers := root.all("emailProvider", tag)
		if len(servers) != 1 {
			t.Fatalf("%d of %s:\n%s", len(servers), tag, doc)
		}
		if got := (server{servers[0].text("hostname"), servers[0].text("port"), servers[0].text("username")}); got != want {
			t.Fatalf("%+v, want %+v:\n%s", got, want, doc)
		}
	}
	wantCount(t, doc, root, map[string]int{"hostname": 2, "port": 2, "username": 2, "socketType": 2, "authentication": len(a.Incoming.Auth.All()) + len(a.Outgoing.Auth.All())})
}

func checkAutodiscover(t *testing.T, a provider.Account) {
	t.Helper()
	doc, err := Autodiscover(a)
	if err != nil {
		t.Fatal(err)
	}
	root := parse(t, doc)
	protocols := root.all("Response", "Account", "Protocol")
	if len(protocols) != 2 {
		t.Fatalf("%d protocols:\n%s", len(protocols), doc)
	}
	logins := 0
	for i, e := range []provider.Endpoint{a.Incoming, a.Outgoing} {
		want := server{e.Host.String(), strconv.Itoa(int(e.Port)), e.Login.Name.String()}
		if got := (server{protocols[i].text("Server"), protocols[i].text("Port"), protocols[i].text("LoginName")}); got != want {
			t.Fatalf("%+v, want %+v:\n%s", got, want, doc)
		}
		if !e.Login.Name.IsZero() {
			logins++
		}
	}
	wantCount(t, doc, root, map[string]int{"Protocol": 2, "Server": 2, "Port": 2, "LoginName": logins, "SSL": 2, "Encryption": 2})
	if got := root.text("Response", "User", "AutoDiscoverSMTPAddress"); got != a.Address.String() {
		t.Fatalf("the address became %q:\n%s", got, doc)
	}
}

// wantCount counts elements at any depth, so that none can be smuggled in next
// to those that a client is meant to find.
func wantCount(t *testing.T, doc []byte, root node, want map[string]int) {
	t.Helper()
	got := make(map[string]int)
	root.walk(func(n node) { got[n.XMLName.Local]++ })
	for tag, n := range want {
		if got[tag] != n {
			t.Fatalf("%d of %s, want %d:\n%s", got[tag], tag, n, doc)
		}
	}
	if strings.Count(string(doc), "<?xml") != 1 {
		t.Fatalf("a second declaration:\n%s", doc)
	}
}

// checkPlain: the XML parser accepts everything that readPlain accepts, and
// reads the same.
func checkPlain(t *testing.T, body []byte) {
	t.Helper()
	plain, ok := readPlain(body)
	if !ok || len(body) > maxRequest {
		return
	}
	parsed, err := readXML(body)
	if err != nil {
		t.Fatalf("readPlain accepts %q, and the parser says: %v", body, err)
	}
	for _, two := range [][2]*field{{&plain.email, &parsed.email}, {&plain.legacyDN, &parsed.legacyDN}, {&plain.schema, &parsed.schema}} {
		if two[0].seen != two[1].seen || string(two[0].text) != string(two[1].text) {
			t.Fatalf("readPlain reads %q in %q, and the parser %q", two[0].text, body, two[1].text)
		}
	}
	if plain.namespace != parsed.namespace {
		t.Fatalf("readPlain reads the namespace %q in %q, and the parser %q", plain.namespace, body, parsed.namespace)
	}
}

// Clients' requests must take the fast path, or it is useless.
func TestClientsRequestsArePlain(t *testing.T) {
	for name, body := range map[string]string{
		"Outlook":     "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006\"><Request><EMailAddress>jane@example.com</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>",
		"Thunderbird": "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n      <Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006\">\n        <Request>\n          <EMailAddress>jane@example.com</EMailAddress>\n          <AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>\n        </Request>\n      </Autodiscover>",
	} {
		r, ok := readPlain([]byte(body))
		if !ok || r.email.trimmed() != "jane@example.com" {
			t.Errorf("%s: %v, %q", name, ok, r.email.trimmed())
		}
		checkPlain(t, []byte(body))
	}
}
