package document_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if a test leaves a goroutine behind: in a server that runs for
// months they would pile up.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
