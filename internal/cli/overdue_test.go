package cli

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// The limit on stopping counts from the signal, not from the start.
func TestStopOverdue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		overdue := stopOverdue(ctx, 10*time.Second)
		time.Sleep(time.Hour)
		select {
		case <-overdue:
			t.Fatal("overdue before the signal")
		default:
		}
		asked := time.Now()
		stop()
		if took := (<-overdue).Sub(asked); took != 10*time.Second {
			t.Errorf("overdue after %v", took)
		}
	})
}
