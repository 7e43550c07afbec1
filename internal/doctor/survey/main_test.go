package survey

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if a test leaves a goroutine behind: a check of many domains
// would pile them up.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
