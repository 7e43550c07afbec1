//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"mailsetup/bench/wrk"
)

// A world is every server that is measured, and the results.
type world struct {
	folder         string // for files of the run
	program, floor string // files
	rounds         int
	length         time.Duration

	servers    []*process
	pairs      []*pair
	growths    []growth
	idle       int64           // resident memory of the program that has nothing to do, bytes
	starts     []time.Duration // until the first answer, with the built-in table
	logs       []string        // files
	benchmarks map[string]benchmark
	paints     map[string]paint // without Chromium, nil
}

// A growth is the program with a plain list of so many domains.
type growth struct {
	domains  int
	started  time.Duration
	resident int64
}

const (
	hostedDomain = "a.example"
	mappedDomain = "b.example"
	table        = `domains:
  a.example: icloud
  b.example: {provider: icloud, logins: {jane@b.example: jane.appleseed@icloud.com}}
`
)

// launch starts a server that stop will end.
func (w *world) launch(ctx context.Context, c command) (*process, error) {
	p, err := start(ctx, c)
	if err == nil {
		w.servers = append(w.servers, p)
	}
	return p, err
}

// serve returns the command of the program with further flags, its log off.
func (w *world) serve(args ...string) command {
	return w.serveLogging("error", args...)
}

func (w *world) serveLogging(level string, args ...string) command {
	return command{
		args: append([]string{w.program, "serve", "--listen", "ADDRESS", "--admin-listen", "off", "--log-level", level}, args...),
		ask:  "/v1.1/icloud.com", host: "autoconfig.icloud.com",
	}
}

func (w *world) stop() {
	for _, p := range w.servers {
		p.stop()
	}
	w.servers = nil
}

// prepare starts every server and fills pairs.
func (w *world) prepare(ctx context.Context) error {
	overlay := filepath.Join(w.folder, "table.yaml")
	if err := os.WriteFile(overlay, []byte(table), 0o644); err != nil {
		return err
	}
	if err := w.measureStart(ctx); err != nil {
		return err
	}
	plain, err := w.launch(ctx, w.serve("--providers", overlay))
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context, *process, string) error{
		w.addFloors, w.addGrowth, w.addLogs, w.addCollector, w.addWebServers,
	} {
		if err := step(ctx, plain, overlay); err != nil {
			return err
		}
	}
	return nil
}

// measureStart starts the program as people do to try it.
func (w *world) measureStart(ctx context.Context) error {
	for range max(w.rounds, 5) {
		p, err := start(ctx, w.serve("--domain", hostedDomain+"=icloud"))
		if err != nil {
			return err
		}
		time.Sleep(200 * time.Millisecond)
		w.starts = append(w.starts, p.started)
		resident, _, err := p.Memory()
		p.stop()
		if err != nil {
			return err
		}
		w.idle = max(w.idle, resident)
	}
	return nil
}

// addGrowth compares lists of many domains with a list of one.
func (w *world) addGrowth(ctx context.Context, _ *process, _ string) error {
	var one *process
	for _, n := range []int{1, 1_000, 100_000, 1_000_000} {
		list := filepath.Join(w.folder, fmt.Sprintf("domains-%d.txt", n))
		var lines strings.Builder
		for i := range n {
			fmt.Fprintf(&lines, "customer-%07d.example icloud\n", i)
		}
		if err := os.WriteFile(list, []byte(lines.String()), 0o644); err != nil {
			return err
		}
		p, err := w.launch(ctx, w.serve("--domains-file", list))
		if err != nil {
			return err
		}
		time.Sleep(time.Second)
		resident, _, err := p.Memory()
		if err != nil {
			return err
		}
		w.growths = append(w.growths, growth{n, p.started, resident})
		if one == nil {
			one = p
			continue
		}
		w.pairs = append(w.pairs, &pair{
			section: growthSection, name: thousands(n) + " domains", goal: 1.05,
			request: autoconfig("customer-0000000.example"), subject: p, base: one,
		})
	}
	return nil
}

// addLogs compares the program with and without a log in a file.
func (w *world) addLogs(ctx context.Context, plain *process, overlay string) error {
	for _, format := range []string{"text", "json"} {
		c := w.serveLogging("info", "--providers", overlay, "--log-format", format)
		c.log = filepath.Join(w.folder, format+".log")
		w.logs = append(w.logs, c.log)
		p, err := w.launch(ctx, c)
		if err != nil {
			return err
		}
		w.pairs = append(w.pairs, &pair{section: logSection, name: "log as " + format, goal: 1.25, request: autoconfig(hostedDomain), subject: p, base: plain})
	}
	return nil
}

// noLineDropped fails if the log dropped lines, which costs less than writing
// them.
func (w *world) noLineDropped() error {
	for _, log := range w.logs {
		data, err := os.ReadFile(log)
		if err != nil {
			return err
		}
		if strings.Contains(string(data), "log lines were dropped") {
			return fmt.Errorf("the program dropped log lines, because the disk was too slow: the figures for the log mean nothing")
		}
	}
	return nil
}

// addCollector compares Go's own setting of the garbage collector with the
// program's.
func (w *world) addCollector(ctx context.Context, plain *process, overlay string) error {
	c := w.serve("--providers", overlay)
	c.env = []string{"GOGC=100"}
	p, err := w.launch(ctx, c)
	if err != nil {
		return err
	}
	w.pairs = append(w.pairs, &pair{section: collectorSection, name: "GOGC=100, relative to the default", request: pox(hostedDomain), subject: p, base: plain})
	return nil
}

// addWebServers compares the program with web servers that send the exported file.
func (w *world) addWebServers(ctx context.Context, plain *process, _ string) error {
	site := filepath.Join(w.folder, "site")
	out, err := exec.CommandContext(ctx, w.program, "export", site, "--domain", hostedDomain+"=icloud").CombinedOutput()
	if err != nil {
		return fmt.Errorf("export: %w\n%s", err, out)
	}
	root := filepath.Join(site, "hosts", "autoconfig."+hostedDomain)
	request := autoconfig(hostedDomain)
	path, _, _ := strings.Cut(request.Path, "?")
	if _, err := os.Stat(filepath.Join(root, path)); err != nil {
		return err
	}
	nginx := filepath.Join(w.folder, "nginx.conf")
	for _, s := range []struct {
		name string
		command
	}{
		{"nginx", command{args: []string{"nginx", "-p", w.folder, "-c", nginx}, configFile: nginx, config: nginxConfig(root)}},
		{"caddy", command{args: []string{"caddy", "file-server", "--root", root, "--listen", "ADDRESS"}, env: []string{"HOME=" + w.folder, "XDG_CONFIG_HOME=" + w.folder, "XDG_DATA_HOME=" + w.folder}}},
	} {
		if _, err := exec.LookPath(s.name); err != nil {
			fmt.Println(s.name, "is not installed: left out")
			continue
		}
		s.ask, s.host = path, request.Host
		p, err := w.launch(ctx, s.command)
		if err != nil {
			return err
		}
		w.pairs = append(w.pairs, &pair{section: webServerSection, name: s.name, request: request, subject: plain, base: p})
	}
	return nil
}

// nginxConfig lets one process send files, and end no connection early.
func nginxConfig(root string) string {
	return `daemon off; master_process off; pid nginx.pid; error_log stderr;
events { worker_connections 256; }
http {
	access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
	client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
	server { listen ADDRESS; root ` + root + `; default_type text/xml; }
}
`
}

func autoconfig(domain string) wrk.Request {
	return wrk.Request{Method: "GET", Path: "/mail/config-v1.1.xml?emailaddress=jane%40" + domain, Host: "autoconfig." + domain}
}

func pox(domain string) wrk.Request {
	return wrk.Request{
		Method: "POST", Path: "/autodiscover/autodiscover.xml", Host: "autodiscover." + domain, ContentType: "text/xml; charset=utf-8",
		Body: `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>jane@` + domain + `</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>`,
	}
}
