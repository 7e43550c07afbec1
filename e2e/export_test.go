package e2e

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mailsetup/e2e/thunderbird"
	"mailsetup/e2e/world"
)

// exportServer is where nginx serves an export.
const exportServer = "127.0.0.1:8085"

// exportTable makes two domains of this world iCloud's own, because icloud.com
// cannot be published twice.
const exportTable = `
providers:
  icloud:
    domains: [icloud.com, me.com, mac.com, exported-own.test, rolled-out.test]
    login: {domains: [icloud.com, me.com, mac.com, exported-own.test, rolled-out.test]}
domains:
  exported.test: icloud
  exported-http.test: icloud
  exported-well-known.test: icloud
  exported-listed.test: icloud
  exported-autodiscover.test: icloud
  exported-posted.test: icloud
`

// Thunderbird must find the same settings whether mailsetup answers or nginx with
// mailsetup's files.
func TestThunderbirdFindsExportedSettings(t *testing.T) {
	serveExport(t)
	tests := []struct {
		name, address string
		source        string
		imap, smtp    string // the logins
	}{
		{"autoconfig by https", "jane@exported-own.test", isp + "https", "jane", "jane@exported-own.test"},
		{"autoconfig by http alone", "jane@exported-http.test", isp + "http", "jane@exported-http.test", "jane@exported-http.test"},
		{"a hosted domain", "jane@exported.test", isp + "https", "jane@exported.test", "jane@exported.test"},
		{"an address with a plus", "jane+news@exported-own.test", isp + "https", "jane+news", "jane+news@exported-own.test"},
		{".well-known alone", "jane@exported-well-known.test", isp + "https", "jane@exported-well-known.test", "jane@exported-well-known.test"},
		{"the database", "jane@exported-listed.test", database, "jane@exported-listed.test", "jane@exported-listed.test"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := unlikeICloud(lookUp(t, tt.address), tt.source, tt.imap, tt.smtp); diff != "" {
				t.Errorf("Thunderbird's settings (-want +got):\n%s\nit asked %s", diff, asked(tt.address))
			}
		})
	}
	// It posts to Autodiscover, which files cannot answer, and must get a 404.
	for _, address := range []string{"jane@exported-nothing.test", "jane@exported-posted.test"} {
		t.Run("nothing for "+address, func(t *testing.T) {
			if f := lookUp(t, address); f.Found || f.AsksAbout != "" {
				t.Errorf("Thunderbird has found %+v", f)
			}
			if wrong := notRefused(address); len(wrong) > 0 || len(asked(address)) == 0 {
				t.Errorf("these were not answered by 404: %v of %v", wrong, asked(address))
			}
		})
	}
}

// Delta Chat asks for Autodiscover by GET, and a file can answer that.
func TestDeltaChatReadsExportedAutodiscover(t *testing.T) {
	serveExport(t)
	const address = "jane@exported-autodiscover.test"
	mail := configureDeltaChat(t, address)
	for _, login := range successes(mail) {
		if login.Name != address {
			t.Errorf("it logs in as %s", login.Name)
		}
	}
	const answer = "200 GET https://autodiscover.exported-autodiscover.test/autodiscover/autodiscover.xml"
	if !slices.Contains(asked(address), answer) {
		t.Errorf("it did not use the file; it asked %s", asked(address))
	}
}

// The files for the installation folder need no server: rolled-out.test has none.
// At icloud.com they take precedence over the server there, as they would over
// Mozilla's database.
func TestThunderbirdReadsRolledOutFile(t *testing.T) {
	if !internet.Isolated() {
		need(t, "Thunderbird's folder belongs to the real machine", errNoNamespaces)
	}
	binary, err := thunderbird.Installed()
	need(t, "Thunderbird is missing (Debian package thunderbird)", err)
	folder := filepath.Join(filepath.Dir(binary), "isp")
	if err := world.Cover(folder, filepath.Join(export(t), "rollout", "thunderbird", "isp")); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := world.Uncover(folder); err != nil {
			t.Error(err)
		}
	}()
	for _, address := range []string{"jane@icloud.com", "jane@rolled-out.test"} {
		t.Run(address, func(t *testing.T) {
			if diff := unlikeICloud(lookUp(t, address), "xml-from-disk", "jane", address); diff != "" {
				t.Errorf("Thunderbird's settings (-want +got):\n%s", diff)
			}
		})
	}
	if wrong := notRefused("jane@rolled-out.test"); len(wrong) > 0 {
		t.Errorf("a server answered: %v", wrong)
	}
}

// export runs mailsetup export and returns the folder.
func export(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	output(t, os.Getenv(binaryVariable), "export", dir, "--providers", keep(t, "export.yaml", []byte(exportTable)))
	return dir
}

// serveExport serves an export with nginx and its nginx.conf, until the test ends.
func serveExport(t *testing.T) {
	t.Helper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		nginx, err = exec.LookPath("/usr/sbin/nginx") // not in every PATH
	}
	need(t, "nginx is missing (Debian package nginx-light)", err)
	listen, err := internet.Place(exportServer)
	if err != nil {
		t.Fatal(err)
	}
	dir, own := export(t), t.TempDir()
	var config strings.Builder
	fmt.Fprintf(&config, "daemon off; master_process off; pid %s/pid;\nevents {}\nhttp {\naccess_log off;\n", own)
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&config, "%s_temp_path %s/%[1]s;\n", kind, own)
	}
	fmt.Fprintf(&config, "server { listen %s; root %s; include %[2]s/nginx.conf; location / { return 404; } }\n}\n", listen, dir)

	var log bytes.Buffer
	// The shell ends nginx when this process, however it ends, closes the input.
	const leash = `"$@" </dev/null & child=$!; read line; kill "$child"; wait "$child"`
	process := exec.Command("sh", "-c", leash, "sh", nginx, "-p", own, "-e", "stderr", "-c", keep(t, "nginx.conf", []byte(config.String())))
	process.Stdout, process.Stderr = &log, &log
	hold, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		hold.Close()
		process.Wait() // with the status of the signal
		if t.Failed() {
			t.Logf("nginx says:\n%s", log.Bytes())
		}
	})
	for ctx := patience(t); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", listen)
		if err == nil {
			conn.Close()
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("nginx does not listen: %v", err)
		}
	}
}
