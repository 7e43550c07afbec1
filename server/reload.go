package server

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"mailsetup/internal/filewatch"
	"mailsetup/internal/provider"
)

// load reads the table and makes it live, or changes nothing.
func (s *Server) load() error {
	table, err := s.cfg.Load()
	if err != nil {
		return err
	}
	look := pageLook{publicURL: s.cfg.PublicURL, signed: s.signer != nil, languages: s.cfg.Languages}
	if s.cfg.LoadLogo != nil {
		if look.logo, err = s.cfg.LoadLogo(); err != nil {
			return err
		}
	}
	st, err := newState(table, look)
	if err != nil {
		return err
	}
	s.state.Store(st)
	if s.cfg.Reloaded != nil {
		s.cfg.Reloaded()
	}
	for _, w := range table.Warnings() {
		s.cfg.Log.Warn("the table may not be what you mean", "warning", w)
	}
	for _, n := range table.Notes() {
		s.cfg.Log.Info("tables overlap", "note", n)
	}
	return nil
}

// Reload reads all files now, changed or not. If the table has mistakes, the
// current one stays, and the error is logged with every mistake and its position,
// and returned. The same goes for the signing files. Requests are answered
// meanwhile.
func (s *Server) Reload() error {
	s.reload <- struct{}{}
	defer func() { <-s.reload }()
	return s.reloadAll()
}

// reloadWait is how long a POST waits for an earlier reload. A million domains
// take two seconds.
const reloadWait = 5 * time.Second

// errReloadBusy: if a file system hangs, the reload hangs with it, and further
// requests for a reload must not wait for it.
var errReloadBusy = errors.New("another reload is still running; ask again in a moment")

// reloadSoon is Reload, or errReloadBusy.
func (s *Server) reloadSoon() error {
	select {
	case s.waiting <- struct{}{}:
		defer func() { <-s.waiting }()
	default:
		return errReloadBusy // another one is waiting and will load the same files
	}
	select {
	case s.reload <- struct{}{}:
	case <-time.After(reloadWait):
		return errReloadBusy
	}
	defer func() { <-s.reload }()
	return s.reloadAll()
}

func (s *Server) reloadAll() error {
	err := s.cfg.Files.Load(s.reloadTable)
	if s.signer != nil {
		err = errors.Join(err, s.signer.reload())
	}
	if s.cfg.AlsoReload != nil {
		err = errors.Join(err, s.cfg.AlsoReload())
	}
	return err
}

// watch loads files that have changed and settled, until ctx ends.
func (s *Server) watch(ctx context.Context) {
	tick := time.NewTicker(filewatch.Interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.poll()
		}
	}
}

// poll checks once. Failures have been logged.
func (s *Server) poll() {
	s.reload <- struct{}{}
	defer func() { <-s.reload }()
	_ = s.cfg.Files.Poll(s.reloadTable)
	if s.signer != nil {
		_ = s.signer.poll()
	}
}

// reloadTable is load for a server that already has a table, and logs the result.
func (s *Server) reloadTable() error {
	before := s.state.Load().table
	switch err := s.load(); {
	case errors.Is(err, filewatch.ErrUnsettled):
		return err // tried again later
	case err != nil:
		s.cfg.Metrics.Reload(false)
		s.cfg.Log.Error("the table was not reloaded; the previous one stays in use", "error", err)
		return err
	}
	s.cfg.Metrics.Reload(true)
	t := s.state.Load().table
	s.cfg.Log.Info("table reloaded", "providers", len(t.Providers()), "hosted_domains", t.HostedCount())
	if gone := missingFrom(t, before); gone > 0 && gone*10 >= before.HostedCount() {
		s.cfg.Log.Warn("the reload dropped many domains; was the file complete?",
			"dropped", gone, "before", before.HostedCount(), "now", t.HostedCount())
	}
	// The previous table is no longer needed and may be large: return its memory to
	// the system now, not in minutes.
	debug.FreeOSMemory()
	return nil
}

// missingFrom counts the hosted domains of before that are no longer served.
func missingFrom(now, before *provider.Table) int {
	n := 0
	for d := range before.Hosted() {
		if _, ok := now.ByDomain(d); !ok {
			n++
		}
	}
	return n
}
