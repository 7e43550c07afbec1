package cli

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/provider"
	"mailsetup/server"
)

// maxTable is more than a table may have, so that an endless file is refused by
// the loader instead of filling the memory.
const maxTable = 64<<20 + 1

// tableFlags are the flags of every command.
func tableFlags() []cli.Flag {
	return []cli.Flag{
		textFlag("providers", "FILE", "", "your own table, laid over the built-in one"),
		listFlag("domain", "DOMAIN=PROVIDER", "a domain whose mail is at a provider"),
		textFlag("public-url", "URL", "", "where clients and people reach the server"),
	}
}

// publicURL reads --public-url; zero if it was not given.
func publicURL(cmd *cli.Command) (server.PublicURL, error) {
	s := cmd.String("public-url")
	if s == "" {
		return server.PublicURL{}, nil
	}
	u, err := server.ParsePublicURL(s)
	if err != nil {
		return server.PublicURL{}, usagef("--public-url: %w", err)
	}
	return u, nil
}

// A tableSource reads the table that the flags describe, as often as it is
// asked. It is safe for concurrent use.
type tableSource struct {
	builtin []byte
	file    string   // the operator's own table; "" for none
	domains []string // DOMAIN=PROVIDER

	mu    sync.Mutex
	seen  [sha256.Size]byte // what the last Load read
	table *provider.Table   // what it made of it, if it was good
}

func (p program) tableSource(cmd *cli.Command) *tableSource {
	return &tableSource{
		builtin: p.BuiltinTable,
		file:    cmd.String("providers"),
		domains: cmd.StringSlice("domain"),
	}
}

// Name is what the source is called in texts for people.
func (s *tableSource) Name() string {
	if s.file == "" {
		return "the built-in table"
	}
	return s.file
}

// Load reads the table anew. What is wrong with its text comes as
// [provider.Errors].
func (s *tableSource) Load() (*provider.Table, error) {
	cfg := provider.LoadConfig{
		Builtin: provider.Source{Name: "built-in providers.yaml", Data: s.builtin},
		Domains: s.domains,
	}
	data, err := s.read()
	s.mu.Lock()
	s.seen = fingerprint(data, err)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if s.file != "" {
		cfg.Overlay = &provider.Source{Name: s.file, Data: data}
	}
	t, err := provider.Load(cfg)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.table = t
	s.mu.Unlock()
	return t, nil
}

// Loaded returns the last good table; nil before the first.
func (s *tableSource) Loaded() *provider.Table {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.table
}

// Changed reports whether the file differs from what Load read last, be it good
// or not. The content decides, because the time of a file says little on network
// file systems and behind the symbolic links of a ConfigMap.
func (s *tableSource) Changed() bool {
	now := fingerprint(s.read())
	s.mu.Lock()
	defer s.mu.Unlock()
	return now != s.seen
}

func (s *tableSource) read() ([]byte, error) {
	if s.file == "" {
		return nil, nil
	}
	f, err := os.Open(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the table cannot be read: %w (give the path of your table, or none for the built-in one)", err)
	}
	if err != nil {
		return nil, fmt.Errorf("the table cannot be read: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxTable))
	if err != nil {
		return nil, fmt.Errorf("the table cannot be read: %w", err)
	}
	return data, nil
}

// fingerprint tells contents apart, and from files that cannot be read.
func fingerprint(data []byte, err error) [sha256.Size]byte {
	if err != nil {
		return sha256.Sum256([]byte("unreadable: " + err.Error()))
	}
	return sha256.Sum256(data)
}

// reportFailure prints an error for whoever called a command. The mistakes of a
// table are printed one a line and bare, so that editors find their positions.
func reportFailure(w io.Writer, err error) {
	if mistakes, ok := errors.AsType[provider.Errors](err); ok {
		fmt.Fprintln(w, mistakes)
		return
	}
	fmt.Fprintf(w, "mailsetup: %v\n", err)
}
