package deploytest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestComposeRuns starts each compose file whose programs Debian has and sends it clients'
// requests.
func TestComposeRuns(t *testing.T) {
	n := startInternet(t)
	for form, test := range map[string]func(*testing.T, *internet, *docker){
		"alone": testAlone, "caddy": testCaddy, "nginx": testNginx, "replicas": testReplicas,
	} {
		t.Run(form, func(t *testing.T) {
			project := copyForm(t, form)
			if form == "nginx" {
				chain, err := os.ReadFile(filepath.Join(project.WorkingDir, "tls/fullchain.pem"))
				if err != nil {
					t.Fatal(err)
				}
				n.roots.AppendCertsFromPEM(chain)
			}
			d := up(t, n, project)
			for _, host := range exampleNames {
				eventually(t, host+" has a certificate", func() error { _, err := n.serial(machineAddress, "443", host); return err })
			}
			checkClients(t, n)
			test(t, n, d)
			for name, p := range d.running {
				if strings.Contains(strings.ToLower(p.log()), "visitor") {
					t.Errorf("%s logs an address", name)
				}
			}
		})
	}
}

// ask sends a request and returns the answer and its body.
func ask(t *testing.T, client *http.Client, method, url, body string) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "text/xml")
		if strings.HasPrefix(body, "emailaddress=") {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res, string(text), err
}

const outlookRequest = `<?xml version="1.0"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">` +
	`<Request><EMailAddress>visitor@example.com</EMailAddress>` +
	`<AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>`

// checkClients sends the requests of Thunderbird, Outlook and people, from outside.
func checkClients(t *testing.T, n *internet) {
	t.Helper()
	client := n.client(netip.Addr{}, nil)
	for _, c := range []struct {
		method, url, body string
		status            int
		contains          string
	}{
		{"GET", "https://autoconfig.example.com/mail/config-v1.1.xml?emailaddress=visitor@example.com", "", 200, "<domain>example.com</domain>"},
		{"GET", "https://autoconfig.example.com/mail/config-v1.1.xml", "", 200, "<domain>example.com</domain>"},
		{"GET", "https://autoconfig.example.com/mail/config-v1.1.xml?emailaddress=visitor@icloud.com", "", 200, "<domain>icloud.com</domain>"},
		{"POST", "https://autodiscover.example.com/autodiscover/autodiscover.xml", outlookRequest, 200, "<Server>imap.mail.me.com</Server>"},
		{"POST", "https://autodiscover.example.com/autodiscover/autodiscover.xml", strings.ReplaceAll(outlookRequest, "example.com", "stranger.test"), 404, ""},
		{"GET", "https://setup.example.com/", "", 200, "<form"},
		{"GET", "https://setup.example.com/readyz", "", 404, ""},
		{"POST", "https://setup.example.com/-/reload", "", 404, ""},
	} {
		res, text, err := ask(t, client, c.method, c.url, c.body)
		if err != nil {
			t.Errorf("%s: %v", c.url, err)
		} else if res.StatusCode != c.status || !strings.Contains(text, c.contains) {
			t.Errorf("%s %s: %s, want %d and %q in\n%s", c.method, c.url, res.Status, c.status, c.contains, text)
		}
	}
	// By http a client finds the settings, or is redirected to the same name.
	plain := "http://autoconfig.example.com/mail/config-v1.1.xml?emailaddress=visitor@example.com"
	switch res, text, err := ask(t, client, "GET", plain, ""); {
	case err != nil:
		t.Errorf("%s: %v", plain, err)
	case res.StatusCode == 200 && strings.Contains(text, "<domain>example.com</domain>"):
	case res.StatusCode == 308 && res.Header.Get("Location") == strings.Replace(plain, "http", "https", 1):
	default:
		t.Errorf("%s: %s, to %q", plain, res.Status, res.Header.Get("Location"))
	}
	// Outlook's POST by http never gets settings, and a redirect keeps it a POST.
	post := "http://autodiscover.example.com/autodiscover/autodiscover.xml"
	res, _, err := ask(t, client, "POST", post, outlookRequest)
	if err != nil || res.StatusCode != 307 && res.StatusCode != 308 || !strings.HasPrefix(res.Header.Get("Location"), "https://autodiscover.example.com/autodiscover/autodiscover.xml") {
		t.Errorf("POST %s: %v, %v", post, res, err)
	}
	if c, err := net.Dial("tcp", netip.AddrPortFrom(machineAddress, 8081).String()); err == nil {
		c.Close()
		t.Error("the admin listener is published")
	}
}

// serial makes a handshake and returns the certificate's serial number.
func (n *internet) serial(at netip.Addr, port, host string) (string, error) {
	c, err := tls.Dial("tcp", net.JoinHostPort(at.String(), port), &tls.Config{ServerName: host, RootCAs: n.roots})
	if err != nil {
		return "", err
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].SerialNumber.String(), nil
}

func serialOf(t *testing.T, n *internet, at netip.Addr, port, host string) string {
	t.Helper()
	serial, err := n.serial(at, port, host)
	if err != nil {
		t.Errorf("%s: %v", host, err)
	}
	return serial
}

// checkConnections compares the limit with the table in docs/running.md: the program must
// see its container's memory.
func checkConnections(t *testing.T, d *docker, name string, want int) {
	t.Helper()
	if log := d.running[name].log(); !strings.Contains(log, fmt.Sprint("max_connections=", want)) {
		t.Errorf("not %d connections:\n%s", want, log)
	}
}

func testAlone(t *testing.T, n *internet, d *docker) {
	checkConnections(t, d, "mailsetup", 2080)
	if _, err := n.serial(machineAddress, "443", "autoconfig.stranger.test"); err == nil || !strings.Contains(err.Error(), "unrecognized name") {
		t.Errorf("an unknown name: %v", err)
	}
	before := serialOf(t, n, machineAddress, "443", "setup.example.com")
	d.stop(t, "mailsetup")
	d.start(t, "mailsetup")
	if after := serialOf(t, n, machineAddress, "443", "setup.example.com"); after != before {
		t.Error("the certificates were lost with the container")
	}
}

func testCaddy(t *testing.T, n *internet, d *docker) {
	checkConnections(t, d, "mailsetup", 2730)
	if _, err := n.serial(machineAddress, "443", "autoconfig.stranger.test"); err == nil {
		t.Error("an unknown name has a certificate")
	}
	if _, err := n.serial(machineAddress, "443", "autoconfig.example.org"); err == nil {
		t.Error("a name has a certificate before it is in the table")
	}
	table := filepath.Join(d.project.WorkingDir, "tables/domains.yaml")
	if err := os.WriteFile(table, []byte("domains:\n  example.com: icloud\n  example.org: icloud\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	admin := n.client(d.address("mailsetup"), nil)
	res, text, err := ask(t, admin, "POST", "http://"+d.address("mailsetup").String()+":8081/-/reload", "")
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("reload: %v %s %v", res, text, err)
	}
	eventually(t, "a name that is added has a certificate", func() error {
		_, err := n.serial(machineAddress, "443", "autoconfig.example.org")
		return err
	})
	for _, c := range []struct {
		name   string
		status int
	}{{"autoconfig.example.org", 200}, {"autoconfig.stranger.test", 403}} {
		res, _, err := ask(t, admin, "GET", "http://"+d.address("mailsetup").String()+":8081/-/tls-ask?domain="+c.name, "")
		if err != nil || res.StatusCode != c.status {
			t.Errorf("ask for %s: %v, %v", c.name, res, err)
		}
	}
	checkRestart(t, n, d, "caddy")
}

func testNginx(t *testing.T, n *internet, d *docker) {
	checkConnections(t, d, "mailsetup", 2730)
	client := n.client(netip.Addr{}, nil)
	for url, want := range map[string]int{
		"http://autoconfig.stranger.test/mail/config-v1.1.xml":             404,
		"http://setup.example.com/.well-known/acme-challenge/token":        200,
		"http://setup.example.com/.well-known/acme-challenge/other":        404,
		"http://autoconfig.example.com/.well-known/acme-challenge/../../x": 404,
	} {
		if res, _, err := ask(t, client, "GET", url, ""); err != nil || res.StatusCode != want {
			t.Errorf("%s: %v, %v", url, res, err)
		}
	}
	checkRestart(t, n, d, "nginx")
}

// checkRestart: while mailsetup is down, the proxy tells the client, logs no address, and
// finds mailsetup again afterwards. The proxy itself may also restart.
func checkRestart(t *testing.T, n *internet, d *docker, proxy string) {
	t.Helper()
	client := n.client(netip.Addr{}, nil)
	const settings = "https://autoconfig.example.com/mail/config-v1.1.xml?emailaddress=visitor@example.com"
	d.stop(t, "mailsetup")
	if res, _, err := ask(t, client, "GET", settings, ""); err != nil || res.StatusCode < 500 {
		t.Errorf("without mailsetup: %v, %v", res, err)
	}
	d.start(t, "mailsetup")
	answered := func() error {
		res, _, err := ask(t, client, "GET", settings, "")
		if err == nil && res.StatusCode != 200 {
			err = fmt.Errorf("%s", res.Status)
		}
		return err
	}
	eventually(t, "mailsetup is found again", answered)
	if strings.Contains(strings.ToLower(d.running[proxy].log()), "visitor") {
		t.Errorf("%s logs an address", proxy)
	}
	before := serialOf(t, n, machineAddress, "443", "setup.example.com")
	d.stop(t, proxy)
	d.start(t, proxy)
	eventually(t, proxy+" is back", answered)
	if after := serialOf(t, n, machineAddress, "443", "setup.example.com"); after != before {
		t.Error("the certificates were lost with the container")
	}
}

func testReplicas(t *testing.T, n *internet, d *docker) {
	a, b := d.address("mailsetup-a"), d.address("mailsetup-b")
	checkConnections(t, d, "mailsetup-a", 2080)
	for _, host := range exampleNames {
		// Both find it in Redis, whichever has ordered it.
		var first, second string
		eventually(t, host+" is at both replicas", func() (err error) {
			if first, err = n.serial(a, "8443", host); err != nil {
				return err
			}
			second, err = n.serial(b, "8443", host)
			return err
		})
		if first != second {
			t.Errorf("%s was ordered twice", host)
		}
	}

	direct := map[string]string{"443": "8443"}
	form := url.Values{"emailaddress": {"visitor@icloud.com"}}.Encode()
	res, text, err := ask(t, n.client(a, direct), "POST", "https://setup.example.com/", form)
	if err != nil || res.StatusCode != 303 {
		t.Fatalf("the form at A: %v %v\n%s", res, err, text)
	}
	page := "https://setup.example.com" + strings.TrimPrefix(res.Header.Get("Location"), "https://setup.example.com")
	if res, text, err = ask(t, n.client(b, direct), "GET", page, ""); err != nil || res.StatusCode != 200 || !strings.Contains(text, "imap.mail.me.com") {
		t.Errorf("A's page at B: %v %v\n%s", res, err, text)
	}

	redis, err := net.Dial("tcp", netip.AddrPortFrom(d.address("redis"), 6379).String())
	if err != nil {
		t.Fatal(err)
	}
	defer redis.Close()
	reply := make([]byte, 100)
	if _, err := redis.Write([]byte("PING\r\n")); err != nil {
		t.Fatal(err)
	}
	if size, err := redis.Read(reply); err != nil || !strings.HasPrefix(string(reply[:size]), "-NOAUTH") {
		t.Errorf("Redis answers without a password: %s %v", reply, err)
	}

	// One replica at a time restarts; nobody outside notices.
	for _, name := range []string{"mailsetup-a", "mailsetup-b"} {
		d.stop(t, name)
		for range 10 {
			checkAnswered(t, n)
		}
		d.start(t, name)
		eventually(t, name+" is asked again", func() error {
			checkAnswered(t, n)
			if log := d.running[name].log(); !strings.Contains(log, "route=/mail/config-v1.1.xml") {
				return errors.New(log)
			}
			return nil
		})
	}
	// Without Redis, each replica serves its own copies.
	d.stop(t, "redis")
	d.stop(t, "mailsetup-a")
	d.start(t, "mailsetup-a")
	if _, err := n.serial(a, "8443", "setup.example.com"); err != nil {
		t.Errorf("a replica that starts without Redis: %v", err)
	}
	checkAnswered(t, n)
}

func checkAnswered(t *testing.T, n *internet) {
	t.Helper()
	res, _, err := ask(t, n.client(netip.Addr{}, nil), "GET", "https://autoconfig.example.com/mail/config-v1.1.xml", "")
	if err != nil || res.StatusCode != 200 {
		t.Errorf("%v, %v", res, err)
	}
}
