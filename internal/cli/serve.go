package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/filewatch"
	"mailsetup/internal/language"
	"mailsetup/internal/metrics"
	"mailsetup/internal/mx"
	"mailsetup/internal/provider"
	"mailsetup/internal/secretfile"
	"mailsetup/internal/spelling"
	"mailsetup/server"
)

func (p program) serveCommand() *cli.Command {
	return &cli.Command{
		Name:  "serve",
		Usage: "answer mail clients and people over HTTP; also without a command",
		Description: `Serves until SIGINT or SIGTERM, then drains, finishes the requests in progress and
stops. Without TLS it speaks plain HTTP behind a proxy. With --acme-email it
listens on 443 and 80 and obtains certificates for the names of the table as soon
as they point to this server in DNS; the flag accepts the terms of service of the
certification authority.

SIGHUP and POST /-/reload on the admin listener reload the table, the logo, the
signing and the TLS files at once; a changed file is loaded once it has settled.
Mistakes in a table are logged, and the previous table stays in use.

Log lines go to standard error. They contain no address, query or body.`,
		Flags: slices.Concat([]cli.Flag{
			textFlag("listen", "ADDRESS", "", "where to serve (default :8080, with TLS :443)"),
			adminListenFlag(),
		}, tlsFlags(), []cli.Flag{
			textFlag("drain", "DURATION", "1s", "serve on after SIGTERM while /readyz says 503"),
			textFlag("max-connections", "NUMBER", "", "how many may be open (default by memory, up to 4096)"),
			listFlag("trusted-proxy", "CIDR", "a proxy whose X-Forwarded-* headers count"),
			switchFlag("recognise-mx", "serve unlisted domains whose MX is a provider's"),
			textFlag("logo", "FILE", "", "an image for the top of the pages"),
			textFlag("languages", "TAGS", "", "of the pages, such as de,en (default all)"),
			textFlag("sign-cert", "FILE", "", "sign profiles: certificate chain, PEM"),
			textFlag("sign-key", "FILE", "", "sign profiles: private key, PEM"),
			textFlag("token-key", "FILE", "", "32 bytes that all replicas share, for page links"),
			textFlag("asked", "NUMBER", "0", "how many answers to remember for /-/asked"),
			oneOf("log-format", "FORMAT", "text", "text or json", "text", "json"),
			oneOf("log-level", "LEVEL", "info", "debug, info, warn or error", "debug", "info", "warn", "error"),
		}),
		Action: p.serve,
	}
}

// serve runs the server with its log behind a buffer. Once it has been told to stop, the
// program ends in limited time, whatever part of it hangs: a file that
// cannot be read, a request, the reader of the log.
func (p program) serve(ctx context.Context, cmd *cli.Command) error {
	if cmd.Args().Present() {
		return unknownCommand(cmd)
	}
	mode, err := tlsMode(cmd)
	if err != nil {
		return err
	}
	if err := checkListenFlags(cmd, mode); err != nil {
		return err
	}
	handler, err := logHandler(cmd)
	if err != nil {
		return err
	}
	drain, err := drainTime(cmd)
	if err != nil {
		return err
	}
	defer ignoreSIGPIPE()()
	ctx, stopSignals := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stopSignals()
	// After the first signal, a second one ends the program at once.
	context.AfterFunc(ctx, stopSignals)

	stderr := bufferLog(p.Stderr, handler)
	defer stderr.Close(flushTimeout)
	ended := make(chan error, 1)
	counters := metrics.New(buildVersion())
	counters.Counter(droppedMetric, droppedHelp, func() float64 { return float64(stderr.Dropped()) })
	go func() { ended <- p.serveUntil(ctx, cmd, mode, slog.New(handler(stderr)), counters) }()
	select {
	case err = <-ended:
	case <-stopOverdue(ctx, drain+server.StopTimeout+time.Second):
		err = errors.New("stopped although a part of the server hangs")
	}
	if err == nil {
		return nil
	}
	// A usage error comes before the log is in use. Other errors go through the buffer,
	// because Main would write directly to the log's reader, who may be gone.
	if isUsage(err) {
		return err
	}
	reportFailure(stderr, err)
	return exitStatus{code: 1}
}

const (
	droppedMetric = "mailsetup_log_lines_dropped_total"
	droppedHelp   = "Log lines dropped because the buffer was full."
)

// stopOverdue delivers a value when the limit has passed since the end of ctx.
func stopOverdue(ctx context.Context, limit time.Duration) <-chan time.Time {
	overdue := make(chan time.Time, 1)
	context.AfterFunc(ctx, func() {
		time.AfterFunc(limit, func() { overdue <- time.Now() })
	})
	return overdue
}

// serveUntil serves until ctx ends.
func (p program) serveUntil(ctx context.Context, cmd *cli.Command, mode string, log *slog.Logger, counters *metrics.Metrics) error {
	memory := memoryLimit()
	cfg, err := p.serverConfig(cmd, mode, memory, log)
	if err != nil {
		return err
	}
	cfg.Metrics = counters
	source := p.tableSource(cmd)
	cfg.Files = source.files
	cfg.Load = func() (*provider.Table, error) {
		t, err := source.Load()
		if err == nil {
			serveGC(t, serveMemory(cfg.MaxConnections, connectionCost(mode), memory))
		}
		return t, err
	}
	if logo := cmd.String("logo"); logo != "" {
		cfg.LoadLogo = func() ([]byte, error) { return readLogo(source.files, logo) }
	}
	secured, err := p.secure(cmd, mode, &cfg, log)
	if err != nil {
		return err
	}
	cfg.AlsoReload = func() error { return secured.reload(ctx) }
	sighup, stopSIGHUP := notifySIGHUP()
	defer stopSIGHUP()

	srv, err := server.New(cfg)
	if err != nil {
		return err
	}
	debug.FreeOSMemory() // the texts of large lists, which are no longer needed
	on, err := openListeners(cmd, mode)
	if err != nil {
		return err
	}
	certificates, stopCertificates := context.WithCancel(ctx)
	defer stopCertificates()
	certsEnded := secured.run(certificates, srv, log)
	if cmd.String("log-format") == "text" {
		// JSON is read by a program, which has no use for the greeting.
		p.greet(source.Loaded(), cfg, on)
	}
	log.Info("serving", "version", cfg.Version, "tls", mode, "listen", addressOf(on.Public), "http", addressOf(on.Plain), "admin", addressOf(on.Admin),
		"max_connections", cfg.MaxConnections)

	manager := serviceManager{log}
	alive, stopAlive := context.WithCancel(context.WithoutCancel(ctx)) // also while it drains
	defer stopAlive()
	go manager.keepAlive(alive, srv.Responds)
	manager.ready() // the sockets are open, so connections are accepted from now on
	context.AfterFunc(ctx, manager.stopping)

	reloading, stopReloading := context.WithCancel(ctx)
	defer stopReloading()
	// Not waited for: a file system that does not answer must not delay the end.
	go reloadOn(reloading, sighup, func() error { return manager.reload(srv.Reload) })
	err = srv.Run(ctx, on)
	stopCertificates()
	waitForCertificates(certsEnded, log)
	log.Info("stopped")
	return err
}

// waitForCertificates lets orders in progress release their locks, so that another replica
// can continue them at once.
func waitForCertificates(ended <-chan struct{}, log *slog.Logger) {
	const limit = time.Second
	select {
	case <-ended:
	case <-time.After(limit):
		log.Warn("stopped although the storage of certificates did not respond")
	}
}

// drainTime reads --drain.
func drainTime(cmd *cli.Command) (time.Duration, error) {
	d, err := time.ParseDuration(cmd.String("drain"))
	if err != nil || d < 0 {
		return 0, usagef("--drain: invalid duration %q; use the form 5s", cmd.String("drain"))
	}
	return d, nil
}

// askedNumber reads --asked.
func askedNumber(cmd *cli.Command) (int, error) {
	text := cmd.String("asked")
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > server.MaxAsked {
		return 0, usagef("--asked: %q is not a number from 0 to %d", text, server.MaxAsked)
	}
	return n, nil
}

// serverConfig reads the flags of the server itself, except those of the table.
func (p program) serverConfig(cmd *cli.Command, mode string, memory int64, log *slog.Logger) (cfg server.Config, err error) {
	cfg.Version = buildVersion()
	cfg.Log = log
	cfg.Signing = server.SignerFiles{Cert: cmd.String("sign-cert"), Key: cmd.String("sign-key")}
	if cfg.Drain, err = drainTime(cmd); err != nil {
		return cfg, err
	}
	cfg.TLSAsk = cmd.Bool("tls-ask")
	if cfg.Asked, err = askedNumber(cmd); err != nil {
		return cfg, err
	}
	if cfg.Languages, err = languages(cmd.String("languages")); err != nil {
		return cfg, err
	}
	if cfg.MaxConnections, err = maxConnections(cmd, mode, memory, log); err != nil {
		return cfg, err
	}
	if cfg.PublicURL, err = publicURL(cmd); err != nil {
		return cfg, err
	}
	if cfg.TrustedProxies, err = trustedProxies(cmd.StringSlice("trusted-proxy")); err != nil {
		return cfg, err
	}
	if cmd.Bool("recognise-mx") {
		cfg.Recogniser = mx.New(mx.Config{Log: cfg.Log})
		if len(cfg.TrustedProxies) == 0 {
			cfg.Log.Warn("look-ups for --recognise-mx are limited per network: behind a proxy, set --trusted-proxy, or all its clients share one limit")
		}
	}
	cfg.TokenKey, err = tokenKey(cmd.String("token-key"))
	return cfg, err
}

// languages reads --languages; none means all.
func languages(list string) (chosen []language.Language, err error) {
	if list == "" {
		return nil, nil
	}
	for tag := range strings.SplitSeq(list, ",") {
		l, err := language.Parse(strings.TrimSpace(tag))
		if err != nil {
			return nil, usagef("--languages: %v", err)
		}
		chosen = append(chosen, l)
	}
	return chosen, nil
}

// trustedProxies reads networks and single addresses.
func trustedProxies(list []string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for _, s := range list {
		if a, err := netip.ParseAddr(s); err == nil {
			a = a.Unmap() // as the server sees an IPv4 peer on an IPv6 socket
			prefixes = append(prefixes, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, usagef("--trusted-proxy: invalid network %q; use the form 10.0.0.0/8 or 192.0.2.7", s)
		}
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		prefixes = append(prefixes, p.Masked())
	}
	return prefixes, nil
}

// tokenKey reads the key from its file; nil without one.
func tokenKey(file string) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	key, err := secretfile.Read(file, maxTokenKey)
	if err != nil {
		return nil, fmt.Errorf("the token key cannot be read: %w", err)
	}
	if len(key) != server.TokenKeySize {
		return nil, fmt.Errorf("the token key %s has %d bytes, not %d: make one with 'head -c %[3]d /dev/urandom'", file, len(key), server.TokenKeySize)
	}
	return key, nil
}

const (
	// maxLogo is far more than a page should load.
	maxLogo = 1 << 20
	// maxTokenKey allows a file that is slightly too long, so that the error can say the
	// right size.
	maxTokenKey = 1 << 10
)

func readLogo(files *filewatch.Set, path string) ([]byte, error) {
	logo, err := files.Read(path, maxLogo)
	if err != nil {
		return nil, fmt.Errorf("the logo cannot be read: %w", err)
	}
	return logo, nil
}

// reloadOn reloads at each signal until ctx ends.
func reloadOn(ctx context.Context, signals <-chan os.Signal, reload func() error) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
			_ = reload() // the server has logged why it failed
		}
	}
}

// unknownCommand returns the error for a word that is not a command. It comes up here because
// serve runs when no command is given.
func unknownCommand(cmd *cli.Command) error {
	var commands []string
	for _, c := range cmd.Root().VisibleCommands() {
		commands = append(commands, c.Name)
	}
	word := cmd.Args().First()
	hint := spelling.Hint(word, commands)
	if hint == "" {
		hint = "; the commands are " + strings.Join(commands, ", ") + " (a command comes before its flags)"
	}
	return usagef("unknown command %q%s", word, hint)
}
