package probe

import (
	"context"
	"sync"
	"time"

	"mailsetup/internal/provider"
)

// retryAfter is how long a fault of a mail server is trusted. It may pass while many
// domains are checked, and a retry per minute is no burden for a mail service.
const retryAfter = time.Minute

// A MailMemory caches the results for mail servers, so that a mail service is asked once
// and not once for every domain that is hosted there. After a fault, it asks again a
// minute later. The zero value is empty. It is safe for concurrent use.
type MailMemory struct {
	mu       sync.Mutex
	byServer map[provider.MailServer]*remembered
}

type remembered struct {
	mu     sync.Mutex
	done   bool
	looked time.Time
	MailServer
}

// of returns what is known about a server, or checks it. An interrupted check is
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

	r.mu.Lock() // a second caller waits for the first
	defer r.mu.Unlock()
	if !r.done || r.Fault != NoMailFault && time.Since(r.looked) >= retryAfter {
		r.MailServer, r.looked = look(ctx), time.Now()
		r.done = ctx.Err() == nil && r.Fault != MailOutOfTime && r.Fault != MailNameUnknown
	}
	return r.MailServer
}
