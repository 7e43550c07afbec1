package probe

import (
	"context"
	"sync"

	"mailsetup/internal/provider"
)

// A MailMemory keeps what became of mail servers, so that a mail service is knocked at
// once and not once for every domain that is hosted there. The zero value is empty.
// It is safe for concurrent use.
type MailMemory struct {
	mu       sync.Mutex
	byServer map[provider.MailServer]*remembered
}

type remembered struct {
	mu   sync.Mutex
	done bool
	MailServer
}

// of returns what is known about a server, or looks. A look that was interrupted is
// not kept.
func (m *MailMemory) of(ctx context.Context, s provider.MailServer, look func(context.Context) MailServer) MailServer {
	m.mu.Lock()
	if m.byServer == nil {
		m.byServer = map[provider.MailServer]*remembered{}
	}
	r := m.byServer[s]
	if r == nil {
		r = &remembered{}
		m.byServer[s] = r
	}
	m.mu.Unlock()

	r.mu.Lock() // who comes second waits for the first
	defer r.mu.Unlock()
	if !r.done {
		r.MailServer = look(ctx)
		r.done = ctx.Err() == nil && r.Fault != MailOutOfTime && r.Fault != MailNameUnknown
	}
	return r.MailServer
}
