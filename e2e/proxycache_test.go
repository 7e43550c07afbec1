package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// proxyCache configures nginx with its default caching, whose key has no host, and without
// the query in the key. Each value of X-Run has its own cache.
const proxyCache = `
daemon off;
master_process off; # else its workers are another user, who may not enter our folder
pid %[1]s/pid;
error_log stderr;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	proxy_cache_path %[1]s/cache keys_zone=settings:10m;
	server {
		listen unix:%[1]s/socket;
		location / {
			proxy_pass %[2]s;
			proxy_set_header Host $host;
			proxy_set_header X-Forwarded-Host $host;
			proxy_set_header X-Forwarded-Proto https;
			proxy_cache settings;
			proxy_cache_key $scheme$proxy_host$uri$http_x_run;
			add_header X-Cache $upstream_cache_status always;
		}
	}
}
`

// Behind a real cache that ignores the query, nobody gets settings that are meant for
// somebody else.
func TestNginxCacheMixesNobodyUp(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		nginx, err = exec.LookPath("/usr/sbin/nginx")
	}
	need(t, "nginx is missing (Debian package nginx-light)", err)
	reserved, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := reserved.Addr().String()
	reserved.Close()
	cached, err := startServerWith("testdata/proxycache.yaml", "proxycache", listen, "--trusted-proxy", "127.0.0.1/32")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cached.stop(); err != nil {
			t.Error(err)
		}
	})
	dir, err := os.MkdirTemp("", "cache") // the path of a socket is limited to about a hundred octets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	config := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, proxyCache, dir, cached.URL), 0o644); err != nil {
		t.Fatal(err)
	}
	proxy := exec.Command(nginx, "-e", "stderr", "-c", config, "-p", dir)
	proxy.Stderr = os.Stderr
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		proxy.Process.Signal(os.Interrupt)
		proxy.Wait()
	})
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		for {
			conn, err := (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dir, "socket"))
			if err == nil || ctx.Err() != nil {
				return conn, err
			}
			time.Sleep(5 * time.Millisecond) // nginx is starting
		}
	}}, Timeout: 30 * time.Second}
	hits := 0
	get := func(run, host, target string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+host+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Run", run)
		response, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if response.Header.Get("X-Cache") == "HIT" {
			hits++
		}
		return fmt.Sprintf("%d %s\n%s", response.StatusCode, response.Header.Get("Content-Type"), body)
	}

	queries := []string{"", "?emailaddress=EVOLUTIONUSER%40"}
	hosts := []string{"setup.example.net"}
	for _, d := range []string{"a.example", "b.example", "mapped.example", "unserved.example"} {
		hosts = append(hosts, "autoconfig."+d)
		queries = append(queries, "?emailaddress=jane%40"+d, "?emailaddress=june%40"+d)
	}
	for _, path := range []string{"/mail/config-v1.1.xml", "/v1.1/a.example", "/v1.1/mapped.example"} {
		for _, host := range hosts {
			own := strings.TrimPrefix(host, "autoconfig.")
			uncached := map[string]string{}
			for i, q := range queries {
				uncached[q] = get(fmt.Sprint("alone", i, host), host, path+q)
			}
			for i, first := range queries {
				run := fmt.Sprint("after", i)
				get(run, host, path+first)
				for _, q := range queries {
					_, asked, _ := strings.Cut(q, "%40")
					got := get(run, host, path+q)
					if got == uncached[q] {
						continue
					}
					if asked == "" || asked == own || got != uncached[""] {
						t.Errorf("%s%s%s after %q: somebody else's answer:\n%s", host, path, q, first, got)
					}
				}
			}
		}
	}
	if hits < 100 {
		t.Errorf("the cache answered %d times: the test proves nothing", hits)
	}
	if leak := cached.leak(); leak != "" {
		t.Errorf("the server's log holds part of an address: %s", leak)
	}
}
