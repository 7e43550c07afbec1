package probe

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"mailsetup/internal/provider"
)

// A healthy server is asked once. A fault may pass, so a faulty one is asked again after a
// minute.
func TestMailMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m MailMemory
		now, looks := MailUnreachable, 0
		fault := func() MailFault {
			return m.of(t.Context(), provider.MailServer{}, func(context.Context) MailServer {
				looks++
				return MailServer{Fault: now}
			}).Fault
		}
		for i, c := range []struct {
			wait        time.Duration
			now, want   MailFault
			wantedLooks int
		}{
			{0, MailUnreachable, MailUnreachable, 1},
			{retryAfter - time.Second, NoMailFault, MailUnreachable, 1},
			{time.Second, NoMailFault, NoMailFault, 2},
			{24 * time.Hour, MailUnreachable, NoMailFault, 2},
		} {
			time.Sleep(c.wait)
			now = c.now
			if got := fault(); got != c.want || looks != c.wantedLooks {
				t.Errorf("%d: %v after %d looks, want %v after %d", i, got, looks, c.want, c.wantedLooks)
			}
		}
	})
}
