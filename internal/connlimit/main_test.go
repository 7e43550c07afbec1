package connlimit

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if a test leaves a goroutine behind: a server that runs for
// months would be full of them.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
