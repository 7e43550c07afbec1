package server

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"mailsetup/internal/document"
)

// TestConversations plays what real clients send, as bytes over TCP, and compares
// the answers. Each file under testdata is one client or one habit; to add a
// client's habit, add a file.
//
// A file begins with who sends this and where that is published. Then, in this
// order:
//
//	-- table.yaml --  laid over the built-in table (optional)
//	-- config --      lines "public-url URL", "trusted-proxy PREFIX" (optional)
//	-- request --     a head with LF line ends, a blank line, the body;
//	                  Content-Length is added. "request body-crlf" sends the
//	                  body with CRLF line ends.
//	-- response --    the status; headers, where "Name: *" is any value and
//	                  "Name: -" no such header; a blank line; rules for the body
//
// with as many pairs of request and response as it takes. The rules are "~ text"
// (contains), "! text" (does not contain), "= line" (all of these lines together
// are the body) and "empty". {etag} and {location} stand for the most recent
// values in earlier answers, {spaces N} for N spaces.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no conversations: ", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			converse(t, file)
		})
	}
}

func converse(t *testing.T, file string) {
	story, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(story.Comment, []byte("Source")) {
		t.Error("the file does not say where its request is published")
	}
	overlay, config := "", ""
	sections := story.Files
	for ; len(sections) > 0; sections = sections[1:] {
		if sections[0].Name == "table.yaml" {
			overlay = string(sections[0].Data)
		} else if sections[0].Name == "config" {
			config = string(sections[0].Data)
		} else {
			break
		}
	}
	address := serveTCP(t, newTestServer(t, overlay, configured(t, config)))
	if len(sections) == 0 || len(sections)%2 != 0 {
		t.Fatalf("%d sections of requests and responses, which must be pairs", len(sections))
	}
	said := map[string]string{} // {name} to the value that it stands for
	for i := 0; i < len(sections); i += 2 {
		kind, option, _ := strings.Cut(sections[i].Name, " ")
		if kind != "request" || sections[i+1].Name != "response" {
			t.Fatalf("sections %q and %q are not a request and a response", sections[i].Name, sections[i+1].Name)
		}
		request := rawRequest(expand(string(sections[i].Data), said), option == "body-crlf")
		response, body := exchangeBytes(t, address, request)
		t.Run(fmt.Sprintf("%d %s", i/2+1, strings.SplitN(string(request), " HTTP/", 2)[0]), func(t *testing.T) {
			compare(t, expand(string(sections[i+1].Data), said), response, body)
			checkEveryAnswer(t, response, body)
		})
		for name, value := range map[string]string{"{etag}": response.Header.Get("ETag"), "{location}": response.Header.Get("Location")} {
			if value != "" {
				said[name] = value
			}
		}
	}
}

// configured turns a config section into a change of Config.
func configured(t *testing.T, lines string) func(*Config) {
	return func(cfg *Config) {
		for line := range strings.Lines(lines) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
			var err error
			switch key {
			case "public-url":
				cfg.PublicURL, err = document.ParsePublicURL(value)
			case "trusted-proxy":
				var p netip.Prefix
				p, err = netip.ParsePrefix(value)
				cfg.TrustedProxies = append(cfg.TrustedProxies, p)
			default:
				err = fmt.Errorf("unknown key %q", key)
			}
			if err != nil {
				t.Fatal("config: ", err)
			}
		}
	}
}

var spaces = regexp.MustCompile(`\{spaces (\d+)\}`)

func expand(text string, said map[string]string) string {
	for name, value := range said {
		text = strings.ReplaceAll(text, name, value)
	}
	return spaces.ReplaceAllStringFunc(text, func(s string) string {
		n, _ := strconv.Atoi(spaces.FindStringSubmatch(s)[1])
		return strings.Repeat(" ", n)
	})
}

func rawRequest(text string, bodyCRLF bool) []byte {
	head, body, _ := strings.Cut(text, "\n\n")
	head, body = strings.TrimSuffix(head, "\n"), strings.TrimSuffix(body, "\n")
	if bodyCRLF {
		body = strings.ReplaceAll(body, "\n", "\r\n")
	}
	if body != "" {
		head += fmt.Sprintf("\nContent-Length: %d", len(body))
	}
	return []byte(strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body)
}

// exchangeBytes sends a request over a connection of its own and reads the answer.
func exchangeBytes(t *testing.T, address string, request []byte) (*http.Response, string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second)) // reached only by a hang
	go conn.Write(request)                             // the answer may come before all is sent
	method, _, _ := strings.Cut(string(request), " ")
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("no answer to %.80q: %v", request, err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func compare(t *testing.T, want string, response *http.Response, body string) {
	head, rules, _ := strings.Cut(want, "\n\n")
	status, headers, _ := strings.Cut(strings.TrimSuffix(head, "\n"), "\n")
	if got := strconv.Itoa(response.StatusCode); got != status {
		t.Errorf("status %s, want %s", got, status)
	}
	for line := range strings.Lines(headers) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		got := response.Header.Values(name)
		switch {
		case !ok:
			t.Fatalf("invalid header %q", line)
		case value == "-" && len(got) > 0, value == "*" && len(got) == 0:
			t.Errorf("%s is %q, want %q", name, got, value)
		case value != "-" && value != "*" && (len(got) != 1 || got[0] != value):
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	var whole []string
	for line := range strings.Lines(rules) {
		line = strings.TrimSuffix(line, "\n")
		rule, text, _ := strings.Cut(line, " ")
		switch {
		case rule == "~" && !strings.Contains(body, text):
			t.Errorf("the body lacks %q:\n%s", text, body)
		case rule == "!" && strings.Contains(body, text):
			t.Errorf("the body contains %q:\n%s", text, body)
		case rule == "=":
			whole = append(whole, text+"\n")
		case rule == "empty" && body != "":
			t.Errorf("the body is not empty:\n%s", body)
		case !strings.Contains("~ ! = empty", rule) || line == "":
			t.Fatalf("unknown rule for a body: %q", line)
		}
	}
	if diff := cmp.Diff(strings.Join(whole, ""), body); whole != nil && diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

// popWord must not appear in a document for machines. UsePOPAuth is how POX says
// that one login serves both servers.
var popWord = regexp.MustCompile(`(?i)pop`)

// checkEveryAnswer checks what every answer must satisfy.
func checkEveryAnswer(t *testing.T, response *http.Response, body string) {
	t.Helper()
	switch response.StatusCode {
	case http.StatusUnauthorized, http.StatusProxyAuthRequired, http.StatusMisdirectedRequest, http.StatusTooManyRequests:
		t.Errorf("status %d must never be sent", response.StatusCode)
	}
	h := response.Header
	for _, name := range []string{"Www-Authenticate", "Proxy-Authenticate", "Set-Cookie", "Strict-Transport-Security"} {
		if h.Get(name) != "" {
			t.Errorf("%s: %s must never be sent", name, h.Get(name))
		}
	}
	machine := !strings.HasPrefix(h.Get("Content-Type"), "text/html")
	if machine && popWord.MatchString(strings.ReplaceAll(body, "<UsePOPAuth>on</UsePOPAuth>", "")) {
		t.Errorf("a document offers POP:\n%s", body)
	}
	if response.StatusCode == http.StatusNoContent {
		return // has neither a body nor anything that describes one
	}
	if h.Get("X-Content-Type-Options") != "nosniff" {
		t.Error("X-Content-Type-Options is not nosniff")
	}
	if response.StatusCode != http.StatusNotModified && h.Get("Content-Length") == "" {
		t.Error("no Content-Length")
	}
}
