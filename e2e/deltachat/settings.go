package deltachat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"
)

// A Server is a mail server that the core may use, as stored by it.
type Server struct {
	Connection struct {
		Host     string
		Port     int
		Security string
	}
	User string
}

// Settings are what the core stores of an account that it could log in to:
// the first server of each kind that it tries.
type Settings struct {
	IMAP, SMTP Server
	// Err is why there are none.
	Err error `json:"-"`
}

// ConfigureAll sets up each of many addresses, with several cores at a time. Each
// core begins with an account for first, which must succeed.
func ConfigureAll(ctx context.Context, cfg Config, first string, addresses []string, password string) ([]Settings, error) {
	const cores = 4
	all := make([]Settings, len(addresses))
	errs := make(chan error, cores)
	var next struct {
		sync.Mutex
		i int
	}
	take := func() (int, bool) {
		next.Lock()
		defer next.Unlock()
		next.i++
		return next.i - 1, next.i <= len(addresses)
	}
	for core := range cores {
		own := cfg
		own.Dir = filepath.Join(cfg.Dir, fmt.Sprint(core))
		if err := os.MkdirAll(own.Dir, 0o700); err != nil {
			return nil, err
		}
		go func() {
			errs <- converse(ctx, own, func(r *rpc) error {
				// An account may have several transports; adding one is cheaper
				// than adding an account.
				account, err := r.configure(own.Proxy, first, password)
				if err != nil {
					return err
				}
				var info map[string]string // slow
				if err := r.call(&info, "get_info", account); err != nil {
					return err
				}
				for {
					i, ok := take()
					if !ok {
						return nil
					}
					if err := r.settings(account, info["database_dir"], addresses[i], password, &all[i]); err != nil {
						return err
					}
				}
			})
		}()
	}
	for range cores {
		if err := <-errs; err != nil {
			return nil, err
		}
	}
	return all, nil
}

// settings adds one address and reads what the core has stored. The core has
// no API for the logins, so they are read from its database, in which this
// row is text.
func (r *rpc) settings(account int, database, address, password string, s *Settings) error {
	s.Err = r.addTransport(account, address, password)
	// It now fetches mail from all its servers, which costs more than the look-up.
	if err := r.call(nil, "stop_io", account); err != nil || s.Err != nil {
		return err
	}
	if err := readKept(database, address, s); err != nil {
		return err
	}
	return r.call(nil, "delete_transport", account, address)
}

var (
	firstIMAP = regexp.MustCompile(`"imap":\[(\{"connection":\{[^{}]*\},"user":"(?:[^"\\]|\\.)*"\})`)
	firstSMTP = regexp.MustCompile(`"smtp":\[(\{"connection":\{[^{}]*\},"user":"(?:[^"\\]|\\.)*"\})`)
)

func readKept(database, address string, s *Settings) error {
	mark := []byte(`{"addr":"` + address + `"`)
	for _, file := range []string{database + "-wal", database} {
		data, err := os.ReadFile(file)
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		// The newest copy is the last. Long rows continue elsewhere, so only the
		// first server of each kind is read.
		i := bytes.LastIndex(data, mark)
		if i < 0 {
			continue
		}
		row := data[i:]
		if end := bytes.Index(row[1:], mark); end > 0 {
			row = row[:end]
		}
		imap, smtp := firstIMAP.FindSubmatch(row), firstSMTP.FindSubmatch(row)
		if imap == nil || smtp == nil {
			return fmt.Errorf("%s: unknown row %q", database, row[:min(len(row), 4000)])
		}
		return errors.Join(json.Unmarshal(imap[1], &s.IMAP), json.Unmarshal(smtp[1], &s.SMTP))
	}
	return fmt.Errorf("%s: the core has kept no settings", database)
}
