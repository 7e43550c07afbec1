package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/dnsrecords"
	"mailsetup/internal/doctor"
	"mailsetup/internal/doctor/probe"
	"mailsetup/internal/doctor/report"
	"mailsetup/internal/provider"
	"mailsetup/internal/regularfile"
)

func (p program) doctorCommand() *cli.Command {
	return &cli.Command{
		Name:      "doctor",
		Usage:     "find out why clients do not set themselves up",
		ArgsUsage: "DOMAIN | --all",
		Description: `Checks DOMAIN the way mail clients do: asks DNS, fetches the URLs of each client,
and connects to the mail servers without logging in. Prints what each client finds,
then each problem and how to fix it. It asks for a made-up mailbox,
setup-check@DOMAIN. Give --public-url to get complete records to publish.

The exit status is 0 without problems, 1 with problems, 2 if the check could not
start, and 3 if there is no problem but not everything could be checked.`,
		Flags: []cli.Flag{
			switchFlag("all", "check every domain that you host: a line for each, worst first"),
			textFlag("parallel", "N", "8", "with --all: how many checks run at a time"),
			textFlag("rate", "N", "5", "with --all: how many checks start per second"),
			textFlag("prometheus", "FILE", "", "with --all: write metrics for node_exporter's textfile collector"),
			listFlag("resolver", "HOST[:PORT]", "ask this DNS resolver instead of the system's"),
			textFlag("ca", "FILE", "", "trust these authorities in addition to the system's, PEM"),
			switchFlag("allow-private", "also connect to private addresses"),
			switchFlag("json", "print the report for programs"),
			verboseFlag(),
		},
		Action: func(ctx context.Context, cmd *cli.Command) error { return p.doctor(ctx, cmd) },
	}
}

func verboseFlag() cli.Flag {
	f := &cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Sources: flagVariable("verbose")}
	f.SetStringer(func(cli.Flag) string { return "--verbose, -v\talso print what is good" })
	return f
}

func (p program) doctor(ctx context.Context, cmd *cli.Command) error {
	if cmd.Bool("all") {
		return p.doctorAll(ctx, cmd)
	}
	if err := wantArgs(cmd, 1, 1); err != nil {
		return err
	}
	for _, name := range []string{"parallel", "rate", "prometheus"} {
		if cmd.IsSet(name) {
			return usagef("--%s needs --all", name)
		}
	}
	cfg, err := p.doctorConfig(cmd)
	if err != nil {
		return err
	}
	if cfg.Domain, err = domainArg(cmd.Args().First()); err != nil {
		return err
	}
	var clear func()
	cfg.Progress, clear = p.statusLine()
	found, err := doctor.Check(ctx, cfg)
	clear()
	if err != nil {
		return exitStatus{2, err}
	}
	if cmd.Bool("json") {
		err = found.JSON(p.Stdout)
	} else {
		err = found.Text(p.Stdout, report.TextOptions{
			Colour:  isTerminal(p.Stdout) && os.Getenv("NO_COLOR") == "", // https://no-color.org
			Verbose: cmd.Bool("verbose"),
		})
	}
	return tellStatus(found.Exit(), err)
}

// tellStatus ends a check: with the status of what was found, or with 2 if that could not
// be printed.
func tellStatus(found int, err error) error {
	switch {
	case err != nil:
		return exitStatus{2, err}
	case found != 0:
		return exitStatus{found, nil}
	}
	return nil
}

// statusLine shows progress on a terminal, in one line that clear removes. If standard
// error is not a terminal, say is nil.
func (p program) statusLine() (say func(what string), clear func()) {
	const erase = "\r\x1b[K"
	if !isTerminal(p.Stderr) {
		return nil, func() {}
	}
	return func(what string) { fmt.Fprint(p.Stderr, erase, what, " ...") }, func() { fmt.Fprint(p.Stderr, erase) }
}

func (p program) doctorConfig(cmd *cli.Command) (doctor.Config, error) {
	cfg := doctor.Config{}
	var err error
	for _, s := range cmd.StringSlice("resolver") {
		r, err := resolverAddress(s)
		if err != nil {
			return cfg, usagef("--resolver: %w", err)
		}
		cfg.Resolvers = append(cfg.Resolvers, r)
	}
	if len(cfg.Resolvers) == 0 {
		if cfg.Resolvers, err = probe.SystemResolvers(); err != nil {
			return cfg, exitStatus{2, err}
		}
	}
	if cfg.Roots, err = authorities(cmd.String("ca")); err != nil {
		return cfg, usagef("--ca: %w", err)
	}
	cfg.AllowPrivate = cmd.Bool("allow-private")
	// The server's address only completes what is printed, so a public URL that others
	// cannot reach is the same as none.
	if cmd.String("public-url") != "" {
		cfg.Server, err = serverTarget(cmd)
		if err != nil && !errors.Is(err, dnsrecords.ErrTarget) {
			return cfg, err
		}
	}
	if cfg.Table, err = p.tableSource(cmd).Load(); err != nil {
		return cfg, exitStatus{2, err}
	}
	return cfg, nil
}

// resolverAddress reads HOST, HOST:PORT or an IP address without brackets.
func resolverAddress(s string) (string, error) {
	if ip, err := netip.ParseAddr(s); err == nil {
		return net.JoinHostPort(ip.String(), "53"), nil
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = s, "53"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", fmt.Errorf("invalid port %q", port)
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return net.JoinHostPort(host, port), nil
	}
	if _, err := provider.ParseDomain(host); err != nil && host != "localhost" {
		return "", fmt.Errorf("invalid resolver %q; write it as 9.9.9.9 or 127.0.0.1:5353", s)
	}
	return net.JoinHostPort(host, port), nil
}

// maxAuthorities is several times the size of a system's list of authorities.
const maxAuthorities = 4 << 20

// authorities returns the system's authorities and those in a file. Without a file it
// returns nil, which means the system's.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	data, err := regularfile.Read(file, maxAuthorities)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("%s contains no PEM certificate", file)
	}
	return pool, nil
}

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
