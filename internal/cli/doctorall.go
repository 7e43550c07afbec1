package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/doctor"
	"mailsetup/internal/doctor/probe"
	"mailsetup/internal/doctor/report"
	"mailsetup/internal/doctor/survey"
	"mailsetup/internal/provider"
)

// The highest values of --parallel and --rate: each check opens up to twenty connections.
const (
	maxParallel = 64
	maxRate     = 1000
)

// doctorAll checks every domain that the operator hosts.
func (p program) doctorAll(ctx context.Context, cmd *cli.Command) error {
	if cmd.Args().Present() {
		return usagef("--all checks every domain of the table; leave out %q or --all", cmd.Args().First())
	}
	parallel, err := strconv.Atoi(cmd.String("parallel"))
	if err != nil || parallel < 1 || parallel > maxParallel {
		return usagef("--parallel: give a number from 1 to %d", maxParallel)
	}
	rate, err := strconv.ParseFloat(cmd.String("rate"), 64)
	if err != nil || !(rate > 0 && rate <= maxRate) {
		return usagef("--rate: give a number above 0, up to %d", maxRate)
	}
	cfg, err := p.doctorConfig(cmd)
	if err != nil {
		return err
	}
	all := cfg.Table.HostedCount()
	if all == 0 {
		return exitStatus{2, errors.New("the table has no domains of your own; give your table with --providers, or a list with --domains-file")}
	}
	path := cmd.String("prometheus")
	if path != "" {
		// Better now than after half an hour of checks.
		if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
			return usagef("--prometheus: the folder %s does not exist; create it first", filepath.Dir(path))
		}
	}
	cfg.MailMemory = new(probe.MailMemory)
	run := survey.Config{
		Domains: cfg.Table.Hosted(), Parallel: parallel, Rate: rate,
		Check: func(ctx context.Context, d provider.Domain) (report.Report, error) {
			one := cfg
			one.Domain = d
			return doctor.Check(ctx, one)
		},
	}
	say, clear := p.statusLine()
	if say != nil {
		run.Progress = func(done int) { say(fmt.Sprintf("%d of %d", done, all)) }
	}
	// The first signal ends the survey with the results so far; a second one ends the program.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	found := survey.Run(ctx, run)
	clear()
	if cmd.Bool("json") {
		err = found.JSON(p.Stdout)
	} else {
		err = found.Text(p.Stdout)
	}
	if err == nil && path != "" {
		err = found.WritePrometheus(path)
	}
	return tellStatus(found.Exit(), err)
}
