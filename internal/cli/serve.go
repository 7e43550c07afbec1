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
		Description: `Serves until SIGINT or SIGTERM, then drains, ends the requests in progress and
stops. Without TLS it speaks plain HTTP behind a proxy. With --acme-email it
listens on 443 and 80 and obtains certificates for the names of the table as soon
as their DNS records lead here; that accepts the terms of service of the
certification authority.

SIGHUP and POST /-/reload on the admin listener load the table, the logo, the
signing and the TLS files again at once; a change of one of them is loaded once it
has settled. A table with mistakes is logged, and the one before stays in use.

Log lines go to standard error. They hold no address, query or body.`,
		Flags: slices.Concat([]cli.Flag{
			textFlag("listen", "ADDRESS", "", "where to serve (default :8080, with TLS :443)"),
			adminListenFlag(),
		}, tlsFlags(), []cli.Flag{
			textFlag("drain", "DURATION", "1s", "serve on after SIGTERM while /readyz says 503"),
			textFlag("max-connections", "NUMBER", "", "how many may be open (default by memory, up to 4096)"),
			listFlag("trusted-proxy", "CIDR", "a proxy whose X-Forwarded-* count"),
			switchFlag("recognise-mx", "serve unlisted domains whose MX is a provider's"),
			textFlag("logo", "FILE", "", "an image for the top of the pages"),
			textFlag("sign-cert", "FILE", "", "sign profiles: certificate chain, PEM"),
			textFlag("sign-key", "FILE", "", "sign profiles: private key, PEM"),
			textFlag("token-key", "FILE", "", "32 bytes that all replicas share, for page links"),
			textFlag("asked", "NUMBER", "0", "remember so many answers, for /-/asked"),
			oneOf("log-format", "FORMAT", "text", "text or json", "text", "json"),
			oneOf("log-level", "LEVEL", "info", "debug, info, warn or error", "debug", "info", "warn", "error"),
		}),
		Action: p.serve,
	}
}

// serve runs the server with its log behind a buffer. Once the program has been
// told to stop it ends in limited time, whatever part of it hangs: a file that
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
		err = errors.New("stopped without waiting any longer: a part of the server hangs")
	}
	if err == nil {
		return nil
	}
	// A usage error comes before the log is in use. For all others, Main would write
	// to the log's reader, who may be away.
	if isUsage(err) {
		return err
	}
	reportFailure(stderr, err)
	return exitStatus{code: 1}
}

const (
	droppedMetric = "mailsetup_log_lines_dropped_total"
	droppedHelp   = "Log lines for which there was no room, because nobody read the log."
)

// stopOverdue delivers when the limit has passed since the end of ctx.
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
	debug.FreeOSMemory() // the texts of large lists, which are not needed any more
	on, err := openListeners(cmd, mode)
	if err != nil {
		return err
	}
	certificates, stopCertificates := context.WithCancel(ctx)
	defer stopCertificates()
	certsEnded := secured.run(certificates, srv, log)
	if cmd.String("log-format") == "text" {
		// Whoever asked for JSON has a program read along.
		p.greet(source.Loaded(), cfg, on)
	}
	log.Info("serving", "version", cfg.Version, "tls", mode, "listen", addressOf(on.Public), "http", addressOf(on.Plain), "admin", addressOf(on.Admin),
		"max_connections", cfg.MaxConnections)

	manager := serviceManager{log}
	alive, stopAlive := context.WithCancel(context.WithoutCancel(ctx)) // to the very end: it still drains
	defer stopAlive()
	go manager.keepAlive(alive, srv.Responds)
	manager.ready() // the sockets are open: who comes now is answered
	context.AfterFunc(ctx, manager.stopping)

	reloading, stopReloading := context.WithCancel(ctx)
	defer stopReloading()
	// Not waited for: a file system that does not answer must not hold up the end.
	go reloadOn(reloading, sighup, func() error { return manager.reload(srv.Reload) })
	err = srv.Run(ctx, on)
	stopCertificates()
	waitForCertificates(certsEnded, log)
	log.Info("stopped")
	return err
}

// waitForCertificates lets orders under way give back their locks, so that another replica
// can go on with them at once.
func waitForCertificates(ended <-chan struct{}, log *slog.Logger) {
	const limit = time.Second
	select {
	case <-ended:
	case <-time.After(limit):
		log.Warn("stopped without waiting any longer for the storage of certificates")
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

// serverConfig reads the flags that concern the server itself, save for the
// table.
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
			cfg.Log.Warn("look-ups by --recognise-mx are limited for each network: behind a proxy, name it with --trusted-proxy, or all its clients share one limit")
		}
	}
	cfg.TokenKey, err = tokenKey(cmd.String("token-key"))
	return cfg, err
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
	// maxTokenKey lets the right size be said for a file that is a bit too long.
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

// unknownCommand answers a word that is no command. It lands here because serve
// is what runs without one.
func unknownCommand(cmd *cli.Command) error {
	var commands []string
	for _, c := range cmd.Root().VisibleCommands() {
		commands = append(commands, c.Name)
	}
	word := cmd.Args().First()
	hint := spelling.Hint(word, commands)
	if hint == "" {
		hint = "; there are " + strings.Join(commands, ", ") + " (a command stands before its flags)"
	}
	return usagef("unknown command %q%s", word, hint)
}
