// Package thunderbird runs a real Thunderbird without a screen and drives it over
// Marionette, the remote protocol that it shares with Firefox. Neither geckodriver
// nor an X server is needed.
//
// Scripts run in its own privileged JavaScript: the function that the Account Hub
// calls for a look-up, or the Account Hub itself. The element names in the scripts
// are those of Thunderbird 153.
package thunderbird

import (
	"bytes"
	"context"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

//go:embed *.js
var scripts embed.FS

// Config says how to run Thunderbird.
type Config struct {
	// Binary is the program.
	Binary string
	// Dir is an empty folder for its profile, home and log.
	Dir string
	// Roots are certificate authorities to trust, in DER.
	Roots [][]byte
	// Proxy is the address of a SOCKS5 proxy for every connection, or empty.
	// MX are the answers to DNS queries that no proxy can give, by domain.
	Proxy string
	MX    map[string]string
	// Preferences are set in the profile.
	Preferences map[string]any
	// Environment is added to the environment.
	Environment []string
}

// Thunderbird is a running Thunderbird with its own profile.
type Thunderbird struct {
	// Version is the version that it reports.
	Version string

	process *exec.Cmd
	ended   chan struct{} // closed when the process is gone
	log     string
	remote  *marionette
}

// Installed returns the program, if this machine has it. MAILSETUP_THUNDERBIRD
// names one other than the system's.
func Installed() (string, error) {
	if own := os.Getenv("MAILSETUP_THUNDERBIRD"); own != "" {
		return own, nil
	}
	// Debian's thunderbird in PATH is a shell script that starts this one.
	if path, err := exec.LookPath("/usr/lib/thunderbird/thunderbird"); err == nil {
		return path, nil
	}
	return exec.LookPath("thunderbird")
}

// Start starts Thunderbird and returns when it accepts commands. The caller
// must close it.
func Start(ctx context.Context, cfg Config) (*Thunderbird, error) {
	profile, home := filepath.Join(cfg.Dir, "profile"), filepath.Join(cfg.Dir, "home")
	prefs := maps.Clone(preferences)
	if cfg.Proxy != "" {
		host, port, err := net.SplitHostPort(cfg.Proxy)
		if err != nil {
			return nil, err
		}
		n, err := strconv.Atoi(port)
		if err != nil {
			return nil, err
		}
		maps.Copy(prefs, proxyPreferences(host, n))
	}
	maps.Copy(prefs, cfg.Preferences)
	if err := errors.Join(writeProfile(profile, prefs), os.MkdirAll(home, 0o700)); err != nil {
		return nil, err
	}
	t := &Thunderbird{ended: make(chan struct{}), log: filepath.Join(cfg.Dir, "thunderbird.log")}
	log, err := os.Create(t.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	t.process = exec.Command(cfg.Binary, "--headless", "--no-remote", "--profile", profile,
		"--marionette", "--remote-allow-system-access")
	t.process.Env = append(environment(), "HOME="+home, "MOZ_CRASHREPORTER_DISABLE=1", "LANG=C.UTF-8")
	t.process.Env = append(t.process.Env, cfg.Environment...)
	t.process.Stdout, t.process.Stderr = log, log
	if err := t.process.Start(); err != nil {
		return nil, err
	}
	go func() {
		t.process.Wait()
		close(t.ended)
	}()
	if err := t.connect(ctx, profile, cfg); err != nil {
		tail, _ := os.ReadFile(t.log)
		return nil, errors.Join(fmt.Errorf("thunderbird does not take commands: %w; its log:\n%s", err, tail), t.Close())
	}
	return t, nil
}

// environment is ours without the desktop session, which Thunderbird would use.
func environment() []string {
	var env []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		switch {
		case strings.HasPrefix(name, "XDG_"), strings.HasPrefix(name, "DBUS_"), name == "DISPLAY", name == "WAYLAND_DISPLAY":
		default:
			env = append(env, v)
		}
	}
	return env
}

func (t *Thunderbird) connect(ctx context.Context, profile string, cfg Config) error {
	port, err := t.awaitPort(ctx, filepath.Join(profile, "MarionetteActivePort"))
	if err != nil {
		return err
	}
	if t.remote, err = dialMarionette(ctx, net.JoinHostPort("127.0.0.1", port)); err != nil {
		return err
	}
	var session struct {
		Capabilities struct{ BrowserVersion string }
	}
	if err := t.remote.call(ctx, "WebDriver:NewSession", nil, &session); err != nil {
		return err
	}
	t.Version = session.Capabilities.BrowserVersion
	if err := t.remote.call(ctx, "Marionette:SetContext", map[string]any{"value": "chrome"}, nil); err != nil {
		return err
	}
	roots := []string{}
	for _, root := range cfg.Roots {
		roots = append(roots, base64.StdEncoding.EncodeToString(root))
	}
	return t.run(ctx, "prepare.js", nil, roots, cfg.MX)
}

// awaitPort waits until Thunderbird has written its port into the profile.
func (t *Thunderbird) awaitPort(ctx context.Context, file string) (string, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if port, err := os.ReadFile(file); err == nil && len(port) > 0 {
			return string(bytes.TrimSpace(port)), nil
		}
		select {
		case <-tick.C:
		case <-t.ended:
			return "", fmt.Errorf("it has ended: %s", t.process.ProcessState)
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// run runs a script, which is the body of an async function with the arguments
// in args, and decodes what it returns.
func (t *Thunderbird) run(ctx context.Context, script string, result any, args ...any) error {
	body, err := scripts.ReadFile(script)
	if err != nil {
		return err
	}
	library, err := scripts.ReadFile("library.js")
	if err != nil {
		return err
	}
	timeout := 2 * time.Minute
	if deadline, ok := ctx.Deadline(); ok {
		timeout = time.Until(deadline)
	}
	// The session's limit of 30 seconds applies, not one that is sent with the script.
	if err := t.remote.call(ctx, "WebDriver:SetTimeouts", map[string]any{"script": timeout.Milliseconds()}, nil); err != nil {
		return err
	}
	var answer struct {
		Value struct {
			Result json.RawMessage
			Error  string
		}
	}
	err = t.remote.call(ctx, "WebDriver:ExecuteAsyncScript", map[string]any{
		"script": fmt.Sprintf(`const finish = arguments[arguments.length - 1];
const args = Array.from(arguments).slice(0, -1);
%s
(async () => {
%s
})().then(
  result => finish({ result: result ?? null }),
  error => finish({ error: describe(error) })
);`, library, body),
		"args":       append([]any{}, args...),
		"sandbox":    "system",
		"newSandbox": true,
	}, &answer)
	if err != nil {
		return fmt.Errorf("%s: %w", script, err)
	}
	if answer.Value.Error != "" {
		return fmt.Errorf("%s: %s", script, answer.Value.Error)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(answer.Value.Result, result)
}

// Close ends Thunderbird.
func (t *Thunderbird) Close() error {
	if t.remote != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		t.remote.call(ctx, "Marionette:Quit", map[string]any{"flags": []string{"eForceQuit"}}, nil)
		t.remote.conn.Close()
		select {
		case <-t.ended:
			return nil
		case <-ctx.Done():
		}
	}
	err := t.process.Process.Kill()
	<-t.ended
	return err
}
