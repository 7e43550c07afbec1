package server

import (
	"fmt"
	"sync"
	"time"
)

// reloadStatus is what the admin listener tells about the last reload.
type reloadStatus struct {
	mu  sync.Mutex
	at  time.Time
	err error
}

func (r *reloadStatus) record(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at, r.err = time.Now(), err
}

func (r *reloadStatus) last() (time.Time, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at, r.err
}

// load reads the table and makes it live, or changes nothing.
func (s *Server) load() error {
	table, err := s.cfg.Load()
	if err != nil {
		return err
	}
	st, err := newState(table)
	if err != nil {
		return fmt.Errorf("the table cannot be served: %w", err)
	}
	if err := s.addPages(st); err != nil {
		return fmt.Errorf("the pages cannot be made: %w", err)
	}
	s.state.Store(st)
	s.status.record(nil)
	return nil
}

// Reload reads the table anew. On an error the table in force stays, the error
// is logged with every mistake and its position, and returned. Requests are
// answered all the while.
func (s *Server) Reload() error {
	s.reload.Lock()
	defer s.reload.Unlock()
	if err := s.load(); err != nil {
		s.status.record(err)
		s.cfg.Log.Error("the table was not reloaded; the one before stays in force", "error", err)
		return err
	}
	t := s.state.Load().table
	s.cfg.Log.Info("table reloaded", "providers", len(t.Providers()), "hosted_domains", t.HostedCount())
	return nil
}
