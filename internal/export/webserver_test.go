package export_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mailsetup/internal/document"
	"mailsetup/internal/export"
)

// A webServer is a real web server that serves an export with the configuration in
// docs/export.md.
type webServer struct {
	program, debian string
	// language marks the code block in docs/export.md.
	language string
	// configure turns the block into a complete configuration, for an export in
	// dir, a Unix socket and a folder for everything else.
	configure func(t *testing.T, block, dir, socket, scratch string) (config string, args []string)
}

var nginx = webServer{
	program: "nginx", debian: "nginx-light", language: "nginx",
	configure: func(t *testing.T, block, dir, socket, scratch string) (string, []string) {
		block = replace(t, block,
			`listen 443 ssl;`, "listen unix:"+socket+";",
			`(?m)^\s*ssl_certificate.*\n`, "",
			`/srv/mail-settings`, dir)
		config := "daemon off; master_process off; error_log stderr; pid " + scratch + "/pid;\n" +
			"events {}\nhttp {\naccess_log " + scratch + "/access.log;\n" +
			// Common settings here must not show in our answers.
			"charset utf-8; default_type application/octet-stream; types { application/xml xml; text/javascript json; }\n"
		for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
			config += kind + "_temp_path " + scratch + "/" + kind + ";\n"
		}
		return config + block + "}\n", []string{"-p", scratch, "-e", "stderr", "-c"}
	},
}

var caddy = webServer{
	program: "caddy", debian: "caddy", language: "caddyfile",
	configure: func(t *testing.T, block, dir, socket, scratch string) (string, []string) {
		block = replace(t, block,
			`autoconfig.example.com, autodiscover.example.com \{`, "http:// {\n\tbind unix/"+socket,
			`/srv/mail-settings`, dir)
		return "{\n\tadmin off\n\tauto_https off\n\tstorage file_system " + scratch + "\n}\n" + block,
			[]string{"run", "--adapter", "caddyfile", "--config"}
	},
}

// replace applies pairs of a pattern, which must match, and its replacement.
func replace(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for ; len(pairs) > 0; pairs = pairs[2:] {
		pattern := regexp.MustCompile(pairs[0])
		if !pattern.MatchString(text) {
			t.Fatalf("the configuration in docs/export.md lacks %s:\n%s", pairs[0], text)
		}
		text = pattern.ReplaceAllLiteralString(text, pairs[1])
	}
	return text
}

// start runs the web server and returns a client whose requests all go there, and
// a folder with its access log, if it writes one.
func (s webServer) start(t *testing.T, dir string) (client *http.Client, scratch string) {
	t.Helper()
	program, err := exec.LookPath(s.program)
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/" + s.program)
	}
	if err != nil {
		missing := s.program + " is missing: install " + s.debian + " (Debian)"
		if os.Getenv("MAILSETUP_E2E") == "require" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	// Not t.TempDir: the path of a socket has room for a hundred octets.
	scratch, err = os.MkdirTemp("", "export")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(scratch) })
	socket := filepath.Join(scratch, "socket")

	docs, err := os.ReadFile(filepath.Join("..", "..", "docs", "export.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(docs), "\n```"+s.language+"\n")
	block, _, found := strings.Cut(block, "\n```\n")
	if !found {
		t.Fatalf("docs/export.md has no configuration for %s", s.program)
	}
	config, args := s.configure(t, block+"\n", dir, socket, scratch)
	file := filepath.Join(scratch, "config")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}

	// The shell ends the web server when its input closes, which happens however
	// this process ends.
	const leash = `"$@" </dev/null & child=$!; read line; kill "$child"; wait "$child"`
	cmd := exec.Command("sh", append([]string{"-c", leash, "sh", program}, append(args, file)...)...)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.Env = append(os.Environ(), "HOME="+scratch, "XDG_CONFIG_HOME="+scratch, "XDG_DATA_HOME="+scratch)
	hold, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		hold.Close()
		cmd.Wait() // with the status of the signal
		if t.Failed() {
			t.Logf("%s says:\n%s", s.program, log.Bytes())
		}
	})
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		conn, err := dial(t.Context(), "", "")
		if err == nil {
			conn.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen: %v", s.program, err)
		}
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true, DisableCompression: true}}, scratch
}

func TestNginxServesExport(t *testing.T) { testWebServer(t, nginx) }
func TestCaddyServesExport(t *testing.T) { testWebServer(t, caddy) }

// A real web server with the files must answer as mailsetup does: the same status,
// type and bytes for each URL of each client.
func testWebServer(t *testing.T, s webServer) {
	var public document.PublicURL
	dir, _, table := exportTable(t, everything, withURL(t), func(cfg *export.Config) { public = cfg.PublicURL })
	h := serverOf(t, table, public)
	client, scratch := s.start(t, dir)

	// Every file, at the URL at which clients ask for it.
	for _, name := range files(t, dir) {
		// A service's own domain has no host here: by Host, its settings come from
		// the database, and Autodiscover by GET is not there.
		if url := urlOf(name); url != "" && !strings.HasPrefix(name, "rollout/outlook/") {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				same(t, client, h, method, url, "")
			}
		}
	}

	// Clients' habits, and missing files.
	for _, url := range []string{
		"http://autoconfig.example.com/mail/config-v1.1.xml?emailaddress=jane%40example.com",
		"http://autoconfig.example.com/Mail/Config-v1.1.XML",
		"http://autoconfig.example.com/mail/config-v1.1.xml/?emailaddress=jane%40example.com",
		"http://mail-settings.example.net/v1.1/example.com/",
		"http://ua-auto-config.example.com/mail/config-v1.1.xml",
		"http://example.com/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=jane+news@example.com",
		"http://autodiscover.example.com/AutoDiscover/AutoDiscover.xml",
		"http://autodiscover.example.com/Autodiscover/autodiscover.xml/",
		"http://autodiscover.example.com:443/autodiscover/autodiscover.xml",
		"http://autodiscover.example.com/autodiscover/autodiscover.json?Email=jane@example.com&Protocol=AutodiscoverV1",
		"http://autodiscover.example.com/autodiscover/autodiscover.json/v1.0/jane@example.com?Protocol=Autodiscoverv1",
		"http://autodiscover.example.com/v1.1/mail/config-v1.1.xml",
		"http://autoconfig.unknown.test/mail/config-v1.1.xml",
		"http://unknown.test/.well-known/autoconfig/mail/config-v1.1.xml",
		"http://mail-settings.example.net/v1.1/unknown.test",
	} {
		same(t, client, h, http.MethodGet, url, "")
	}
	// Here the bodies differ: they quote what was asked, or are XML.
	for url, status := range map[string]int{
		"http://autodiscover.example.com/autodiscover/autodiscover.json?Protocol=ActiveSync":       400,
		"http://autodiscover.example.com/autodiscover/autodiscover.json":                           400,
		"http://autodiscover.unknown.test/autodiscover/autodiscover.json?Protocol=AutodiscoverV1":  404,
		"http://autodiscover.unknown.test/autodiscover/autodiscover.xml":                           404,
		"http://autodiscover.example.com/autodiscover/autodiscoverv1.json":                         404,
		"http://mail-settings.example.net/profile/nobody.mobileconfig":                             404,
		"http://mail-settings.example.net/ispdb/v1.1/example.com":                                  404,
		"http://mail-settings.example.net/rollout/README.txt":                                      404,
		"http://autodiscover.example.com/autodiscover/autodiscover.svc":                            404,
		"http://autodiscover.example.com/EWS/Exchange.asmx":                                        404,
		"http://autodiscover.example.com/Microsoft-Server-ActiveSync?Cmd=OPTIONS":                  404,
		"http://autodiscover.example.com/autodiscover/autodiscover.json?Protocol=AutodiscoverV1&x": 200,
	} {
		if want := get(h, url).Code; want != status {
			t.Errorf("the server itself answers %s with %d", url, want)
		}
		if got := do(t, client, http.MethodGet, url, ""); got.status != status {
			t.Errorf("%s answers %s with %d, want %d", s.program, url, got.status, status)
		}
	}

	// Files outside the site must not be served, and no path may lead out of it.
	for _, path := range []string{"/", "/v1.1/", "/v1.1/..%2f..%2f.mailsetup-export", "/profile/..%2f_headers", "/hosts/"} {
		if got := do(t, client, http.MethodGet, "http://autoconfig.example.com"+path, ""); got.status < 400 {
			t.Errorf("%s answers %s with %d %q", s.program, path, got.status, got.body)
		}
	}

	// Outlook and ActiveSync: both must go on to other URLs, and neither may get a
	// page. The same goes for everything else that is not a GET.
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodOptions, "PROPFIND"} {
		for _, url := range []string{
			"http://autodiscover.example.com/autodiscover/autodiscover.xml",
			"http://autodiscover.example.com/Autodiscover/Autodiscover.xml",
			"http://autoconfig.example.com/mail/config-v1.1.xml",
		} {
			got := do(t, client, method, url, "<Autodiscover/>")
			if got.status != http.StatusNotFound || got.kind != "text/plain; charset=utf-8" || strings.Contains(got.body, "<") {
				t.Errorf("%s answers %s %s with %d %s %q", s.program, method, url, got.status, got.kind, got.body)
			}
		}
	}

	for _, file := range []string{"access.log", "config"} {
		if text, err := os.ReadFile(filepath.Join(scratch, file)); err == nil && bytes.Contains(text, []byte("jane")) {
			t.Errorf("%s of %s contains an address:\n%s", file, s.program, text)
		}
	}
}

// An answer has what clients look at.
type answer struct {
	status       int
	kind, length string
	cache        string
	origin       string
	sniff        string
	body         string
}

// same compares the web server's answer with mailsetup's. mailsetup marks answers
// for domains with logins as not cacheable, because they differ by address; files
// do not.
func same(t *testing.T, client *http.Client, h http.Handler, method, url, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, url, strings.NewReader(body)))
	want, got := answerOf(w.Result()), do(t, client, method, url, body)
	if strings.Contains(url, "config-v1.1") || strings.Contains(url, "mail-v1") || strings.Contains(url, "/v1.1/") {
		want.cache = strings.Replace(want.cache, "private, no-store", "public, max-age=3600", 1)
	}
	if want.origin == "" {
		got.origin = "" // one more does no harm
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(answer{})); diff != "" {
		t.Errorf("%s %s (-mailsetup +web server):\n%s", method, url, diff)
	}
}

func do(t *testing.T, client *http.Client, method, url, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, strings.Replace(url, "https://", "http://", 1), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return answerOf(res)
}

func answerOf(res *http.Response) answer {
	body, err := io.ReadAll(res.Body)
	if err != nil {
		body = []byte(err.Error())
	}
	h := res.Header
	return answer{
		status: res.StatusCode, kind: h.Get("Content-Type"), length: h.Get("Content-Length"), cache: h.Get("Cache-Control"),
		origin: h.Get("Access-Control-Allow-Origin"), sniff: h.Get("X-Content-Type-Options"), body: string(body),
	}
}
