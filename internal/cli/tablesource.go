package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/document"
	"mailsetup/internal/filewatch"
	"mailsetup/internal/provider"
	"mailsetup/internal/regularfile"
	"mailsetup/internal/terminal"
)

// tableFlags returns the flags of every command.
func tableFlags() []cli.Flag {
	return []cli.Flag{
		listFlag("providers", "PATH", "a table or a folder of tables"),
		listFlag("domain", "DOMAIN=PROVIDER", "a domain whose mail is at a provider"),
		listFlag("domains-file", "FILE", "a plain list of such domains"),
		listFlag("logins-file", "FILE", "a plain list of logins"),
		textFlag("public-url", "URL", "", "where clients and people reach the server"),
	}
}

// publicURL reads --public-url; zero if it was not given.
func publicURL(cmd *cli.Command) (document.PublicURL, error) {
	s := cmd.String("public-url")
	if s == "" {
		return document.PublicURL{}, nil
	}
	u, err := document.ParsePublicURL(s)
	if err != nil {
		return document.PublicURL{}, usagef("--public-url: %w", err)
	}
	return u, nil
}

// A tableSource reads the table that the flags describe, every time that Load is called.
// Only one Load may run at a time; Loaded may be called at any time.
type tableSource struct {
	builtin []byte
	paths   []string // tables and folders of tables, in the order of their layers
	domains []string // DOMAIN=PROVIDER
	// domainsFiles and loginsFiles are the plain lists that flags name.
	domainsFiles, loginsFiles []string
	// files is what the source reads with. A server watches them.
	files *filewatch.Set
	// stdin is read if a path is "-"; if nil, "-" is a file name.
	stdin io.Reader

	mu    sync.Mutex
	table *provider.Table // the last good one
}

func (p program) tableSource(cmd *cli.Command) *tableSource {
	return &tableSource{
		builtin:      p.BuiltinTable,
		paths:        cmd.StringSlice("providers"),
		domains:      cmd.StringSlice("domain"),
		domainsFiles: cmd.StringSlice("domains-file"),
		loginsFiles:  cmd.StringSlice("logins-file"),
		files:        new(filewatch.Set),
	}
}

// Name returns the name of the source in texts for people.
func (s *tableSource) Name() string {
	switch {
	case len(s.paths) == 0:
		return "the built-in table"
	case len(s.paths) == 1 && s.isStdin(s.paths[0]):
		return standardInput
	}
	return strings.Join(s.paths, ", ")
}

const standardInput = "standard input"

func (s *tableSource) isStdin(path string) bool { return path == "-" && s.stdin != nil }

// Load reads the table again. Mistakes in its text are returned as [provider.Errors].
func (s *tableSource) Load() (*provider.Table, error) {
	// Otherwise the garbage of loading would grow as large as the lists themselves.
	defer collectOften()()
	cfg := provider.LoadConfig{
		Builtin: provider.Source{Name: "built-in providers.yaml", Data: s.builtin},
		Domains: s.domains,

		DomainsFiles: s.domainsFiles,
		LoginsFiles:  s.loginsFiles,
		ReadFile:     s.files.Read,
	}
	for _, path := range s.paths {
		files, err := s.tablesAt(path)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			data, err := s.read(file)
			if err != nil {
				return nil, err
			}
			name := file
			if s.isStdin(file) {
				name = standardInput
			}
			cfg.Tables = append(cfg.Tables, provider.Source{Name: name, Data: data})
		}
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

// tablesAt returns the tables at a path: the file itself, or those in a folder, in the
// order of their names.
func (s *tableSource) tablesAt(path string) ([]string, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return []string{path}, nil // reading it says what is wrong
	}
	files, err := s.files.List(path, isTable)
	if err != nil {
		return nil, fmt.Errorf("the folder of tables cannot be read: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("the folder %s contains no tables; their names must end in .yaml or .yml", path)
	}
	return files, nil
}

func isTable(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".yaml" || ext == ".yml"
}

func (s *tableSource) read(file string) ([]byte, error) {
	if s.isStdin(file) {
		return io.ReadAll(io.LimitReader(s.stdin, provider.MaxSource+1))
	}
	data, err := s.files.Read(file, provider.MaxSource)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the table cannot be read: %w (give the path of your table, or leave it out for the built-in one)", err)
	case errors.Is(err, regularfile.ErrTooLarge):
		return nil, fmt.Errorf("the table cannot be read: %w; %s", err, provider.BulkAdvice)
	case err != nil:
		return nil, fmt.Errorf("the table cannot be read: %w", err)
	}
	return data, nil
}

// serviceOf looks up a domain that somebody gave as an argument.
func serviceOf(t *provider.Table, d provider.Domain) (provider.Match, error) {
	m, ok := t.ByDomain(d)
	if !ok {
		return m, fmt.Errorf("%s is not in the table: add it under domains, or give --domain %s=PROVIDER, for example --domain %s=%s", d, d, d, t.Providers()[0].ID)
	}
	return m, nil
}

// reportFailure prints an error of a command. The mistakes of a table are printed one per
// line without a prefix, so that editors find their positions.
func reportFailure(w io.Writer, err error) {
	if mistakes, ok := errors.AsType[provider.Errors](err); ok {
		_ = terminal.Print(w, mistakes.Error()+"\n")
		return
	}
	_ = terminal.Print(w, fmt.Sprintf("mailsetup: %v\n", err))
}
