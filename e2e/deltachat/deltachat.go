// Package deltachat runs the real Delta Chat core, without its user interface, and
// makes it add an email account: it looks up the settings, logs in to both servers
// and reports which it uses. It is driven by JSON-RPC over its standard input and
// output.
package deltachat

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Installed returns the core's program, which npm puts below folder.
// MAILSETUP_DELTACHAT names another one.
func Installed(folder string) (string, error) {
	if own := os.Getenv("MAILSETUP_DELTACHAT"); own != "" {
		return own, nil
	}
	found, err := filepath.Glob(filepath.Join(folder, "node_modules", "@deltachat", "stdio-rpc-server-*", "deltachat-rpc-server"))
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("%w: no deltachat-rpc-server below %s/node_modules", os.ErrNotExist, folder)
	}
	if err != nil {
		return "", err
	}
	return filepath.Abs(found[0])
}

// Config says how to run the core.
type Config struct {
	// Binary is the program.
	Binary string
	// Dir is an empty folder for its accounts.
	Dir string
	// Proxy is the address of a SOCKS5 proxy for every connection, or empty.
	Proxy string
}

// Configure makes the core set up an account for an address with a password
// and log in to both servers. Its error contains the core's message.
//
// The core's certificate authorities are compiled in and a private one cannot be
// added, so it is told to accept any certificate: it tests the look-up, the
// logins and their encryption, not certificate checks.
func Configure(ctx context.Context, cfg Config, address, password string) error {
	return converse(ctx, cfg, func(r *rpc) error {
		_, err := r.configure(cfg.Proxy, address, password)
		return err
	})
}

// converse runs the core for as long as talk lasts.
func converse(ctx context.Context, cfg Config, talk func(*rpc) error) error {
	process := exec.CommandContext(ctx, cfg.Binary)
	process.Env = append(os.Environ(), "DC_ACCOUNTS_PATH="+filepath.Join(cfg.Dir, "accounts"), "RUST_LOG=error",
		// Although it accepts any certificate, it would read all authorities of the
		// system for every single connection, which takes longer than everything else.
		"SSL_CERT_FILE="+os.DevNull)
	in, err := process.StdinPipe()
	if err != nil {
		return err
	}
	out, err := process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := process.Start(); err != nil {
		return err
	}
	err = talk(&rpc{in: in, out: bufio.NewReader(out)})
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	// It ends when its input does.
	in.Close()
	process.Wait()
	return err
}

// rpc is a JSON-RPC 2.0 session, one message per line.
type rpc struct {
	in  io.Writer
	out *bufio.Reader
	id  int
}

// configure adds an account and returns its number; 0 if not even that succeeds.
func (r *rpc) configure(proxy, address, password string) (account int, err error) {
	if err := r.call(&account, "add_account"); err != nil {
		return 0, err
	}
	if proxy != "" {
		err := errors.Join(r.call(nil, "set_config", account, "proxy_url", "socks5://"+proxy),
			r.call(nil, "set_config", account, "proxy_enabled", "1"))
		if err != nil {
			return 0, err
		}
	}
	return account, r.addTransport(account, address, password)
}

func (r *rpc) addTransport(account int, address, password string) error {
	return r.call(nil, "add_or_update_transport", account, map[string]any{
		"addr":              address,
		"password":          password,
		"certificateChecks": "acceptInvalidCertificates",
		"imapSecurity":      "automatic",
		"smtpSecurity":      "automatic",
		"oauth2":            false,
	})
}

// call calls a method and decodes its result, if result is not nil.
func (r *rpc) call(result any, method string, params ...any) error {
	r.id++
	msg, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": r.id, "method": method, "params": append([]any{}, params...)})
	if err != nil {
		return err
	}
	if _, err := r.in.Write(append(msg, '\n')); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	for {
		line, err := r.out.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		var answer struct {
			ID     int
			Error  *struct{ Message string }
			Result json.RawMessage
		}
		if err := json.Unmarshal(line, &answer); err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		switch {
		case answer.ID != r.id: // a notification
		case answer.Error != nil:
			return fmt.Errorf("%s: %s", method, strings.Join(strings.Fields(answer.Error.Message), " "))
		case result == nil:
			return nil
		default:
			return json.Unmarshal(answer.Result, result)
		}
	}
}
