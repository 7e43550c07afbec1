package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net"
	"net/mail"
	"net/url"
	"strconv"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/certs"
	"mailsetup/internal/regularfile"
	"mailsetup/server"
)

// The values of --tls.
const (
	tlsOff   = "off"
	tlsFiles = "files"
	tlsACME  = "acme"
)

// tlsFlags returns the flags of serve that concern TLS and certificates.
func tlsFlags() []cli.Flag {
	return []cli.Flag{
		oneOf("tls", "MODE", "", "off, files, or acme (default acme with --acme-email)", tlsOff, tlsFiles, tlsACME),
		textFlag("http-listen", "ADDRESS", "", "plain HTTP next to TLS, or off (default :80)"),
		listFlag("tls-cert", "FILE", "a certificate chain, PEM"),
		listFlag("tls-key", "FILE", "its private key, PEM, in the same order"),
		textFlag("acme-email", "ADDRESS", "", "obtain certificates; accepts the CA's terms"),
		textFlag("acme-ca", "URL", "", "the CA's directory (default Let's Encrypt)"),
		textFlag("acme-root", "FILE", "", "trust this root when asking the CA, PEM"),
		textFlag("acme-eab", "FILE", "", "key ID and HMAC key of an account with the CA"),
		textFlag("cert-storage", "PLACE", "", "a folder, or redis:// or postgres:// for replicas"),
		textFlag("cert-password", "FILE", "", "the password for the server in --cert-storage"),
		textFlag("cert-key", "FILE", "", "32 bytes that encrypt what is stored"),
		textFlag("cert-cache", "FOLDER", "", "for local copies of what replicas share"),
		switchFlag("tls-apex", "also obtain certificates for the domains themselves"),
		switchFlag("tls-ask", "tell Caddy on the admin listener what is served"),
		switchFlag("sign-with-tls", "sign profiles with the public URL's certificate"),
	}
}

// tlsMode reads the flags that decide how TLS is served.
func tlsMode(cmd *cli.Command) (string, error) {
	email, files := cmd.String("acme-email") != "", len(cmd.StringSlice("tls-cert"))+len(cmd.StringSlice("tls-key")) > 0
	mode, err := chosenMode(cmd, email, files)
	if err == nil && mode != tlsACME && cmd.String("acme-eab") != "" {
		return "", usagef("--acme-eab: only certificates by ACME need an account; give --acme-email too, or remove --acme-eab")
	}
	return mode, err
}

func chosenMode(cmd *cli.Command, email, files bool) (string, error) {
	mode := cmd.String("tls")
	switch mode {
	case "":
		switch {
		case email && files:
			return "", usagef("--acme-email and --tls-cert: use only one, or choose with --tls")
		case email:
			return tlsACME, checkACMEFlags(cmd)
		case files:
			return tlsFiles, nil
		}
		return tlsOff, nil
	case tlsACME:
		if !email {
			return "", usagef("--tls acme: give --acme-email, an address for the account with the certification authority")
		}
		return mode, checkACMEFlags(cmd)
	case tlsFiles:
		if !files {
			return "", usagef("--tls files: give --tls-cert and --tls-key")
		}
	case tlsOff:
		if cmd.Bool("sign-with-tls") {
			return "", usagef("--sign-with-tls: with --tls off there is no certificate to sign with; set --sign-cert and --sign-key")
		}
	default:
		return "", usagef("--tls: unknown mode %q; use off, files or acme", mode)
	}
	return mode, nil
}

// listenAddress returns the address of --listen, or its default in the mode.
func listenAddress(cmd *cli.Command, mode string) string {
	switch address := cmd.String("listen"); {
	case address != "":
		return address
	case mode == tlsOff:
		return ":8080"
	}
	return ":443"
}

// checkACMEFlags finds the mistakes that the certification authority would report late.
func checkACMEFlags(cmd *cli.Command) error {
	if _, err := mail.ParseAddress(cmd.String("acme-email")); err != nil {
		return usagef("--acme-email: invalid email address; write it as you@example.com")
	}
	ca := cmd.String("acme-ca")
	if u, err := url.Parse(ca); ca != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		return usagef("--acme-ca: give the https URL of the authority's directory")
	}
	return nil
}

// plainAddress returns where plain HTTP is served next to TLS; "" if it is not.
func plainAddress(cmd *cli.Command, mode string) string {
	switch address := cmd.String("http-listen"); {
	case mode == tlsOff || address == "off":
		return ""
	case address != "":
		return address
	}
	return ":80"
}

// A certSource gives certificates to the server.
type certSource interface {
	TLSConfig() *tls.Config
	Certificate(name string) (*tls.Certificate, error)
	Status() certs.Status
	Run(ctx context.Context)
}

// secured holds what a server needs for TLS, ready for [server.New]. Without TLS its fields
// are nil.
type secured struct {
	source certSource
	acme   *certs.ACME
	files  *certs.Files
	close  func() error
	// srv is the server whose names need certificates; set once it exists.
	srv *server.Server
}

// secure prepares TLS in the given mode and adds it to the configuration.
func (p program) secure(cmd *cli.Command, mode string, cfg *server.Config, log *slog.Logger) (*secured, error) {
	s := &secured{close: func() error { return nil }}
	var err error
	switch mode {
	case tlsFiles:
		err = s.openFiles(cmd, log)
	case tlsACME:
		err = s.openACME(cmd, mode, cfg, log)
	}
	if err != nil {
		return nil, err
	}
	if s.source == nil {
		if cmd.Bool("sign-with-tls") {
			return nil, usagef("--sign-with-tls: the server has no TLS certificate; give --acme-email, or --tls-cert and --tls-key")
		}
		return s, nil
	}
	cfg.TLS = s.source.TLSConfig()
	if s.acme != nil {
		cfg.Challenge = s.acme.ChallengeHandler
		cfg.Reloaded = func() {
			if s.srv != nil { // nil at startup, before anything is served
				s.acme.Refresh()
			}
		}
	}
	if cmd.Bool("sign-with-tls") {
		name := cfg.PublicURL.Domain()
		if name.IsZero() {
			return nil, usagef("--sign-with-tls: profiles are signed with the certificate of --public-url; give one with a host name")
		}
		cfg.SignWith = func() (*tls.Certificate, error) { return s.source.Certificate(name.String()) }
	}
	s.describe(cfg.Metrics)
	return s, nil
}

func (s *secured) openFiles(cmd *cli.Command, log *slog.Logger) error {
	chains, keys := cmd.StringSlice("tls-cert"), cmd.StringSlice("tls-key")
	if len(chains) != len(keys) {
		return usagef("--tls-cert is given %d times and --tls-key %d times; each certificate needs its key", len(chains), len(keys))
	}
	cfg := certs.FilesConfig{Log: log}
	for i, chain := range chains {
		cfg.Pairs = append(cfg.Pairs, certs.FilePair{Cert: chain, Key: keys[i]})
	}
	var err error
	if s.files, err = certs.NewFiles(cfg); err != nil {
		return err
	}
	s.source = s.files
	return nil
}

func (s *secured) openACME(cmd *cli.Command, mode string, cfg *server.Config, log *slog.Logger) error {
	place, err := certStorage(cmd)
	if err != nil {
		return err
	}
	storage, err := certs.OpenStorage(place)
	if err != nil {
		return fmt.Errorf("the storage of certificates: %w", err)
	}
	s.close = storage.Close
	acme := certs.ACMEConfig{
		Email: cmd.String("acme-email"), Directory: cmd.String("acme-ca"), ExternalAccountFile: cmd.String("acme-eab"), Storage: storage,
		TLSPort:   portOf(listenAddress(cmd, mode)),
		HTTPPort:  portOf(plainAddress(cmd, mode)),
		Managed:   func() iter.Seq[string] { return s.names(cmd.Bool("tls-apex")) },
		Allowed:   func(name string) bool { return s.srv != nil && s.srv.Certifiable(name) },
		LeadsHere: certs.Reach{Resolver: net.DefaultResolver, PublicHost: cfg.PublicURL.Domain().String()}.Check,
		Log:       log,
	}
	if root := cmd.String("acme-root"); root != "" {
		const maxRoot = 1 << 20
		if acme.RootPEM, err = regularfile.Read(root, maxRoot); err != nil {
			return errors.Join(fmt.Errorf("the --acme-root file cannot be read: %w", err), storage.Close())
		}
	}
	if s.acme, err = certs.NewACME(acme); err != nil {
		return errors.Join(err, storage.Close())
	}
	s.source = s.acme
	return nil
}

// names yields the names that should have a certificate. One for an apex is ordered only
// once the apex points here: until then its web site has its own.
func (s *secured) names(apex bool) iter.Seq[string] {
	return func(yield func(string) bool) {
		if s.srv == nil {
			return // called again when there is a table
		}
		for name := range s.srv.Names() {
			if !yield(name) {
				return
			}
		}
		if !apex {
			return
		}
		for d := range s.srv.HostedDomains() {
			if !yield(d.String()) {
				return
			}
		}
	}
}

// portOf returns the port of a checked listen address; 0 for none.
func portOf(address string) int {
	_, text, _ := net.SplitHostPort(address)
	port, _ := strconv.Atoi(text)
	return port
}

// run obtains and renews certificates until ctx ends; ended is closed once all of it has
// stopped.
func (s *secured) run(ctx context.Context, srv *server.Server, log *slog.Logger) (ended <-chan struct{}) {
	done := make(chan struct{})
	s.srv = srv
	if s.acme != nil {
		s.acme.Refresh()
	}
	go func() {
		defer close(done)
		if s.source != nil {
			s.source.Run(ctx)
		}
		if err := s.close(); err != nil {
			log.Warn("the storage of certificates did not close", "error", err)
		}
	}()
	return done
}

// reload reads the TLS files again, if there are any.
func (s *secured) reload(ctx context.Context) error {
	if s.files == nil {
		return nil
	}
	return s.files.Reload(ctx)
}
