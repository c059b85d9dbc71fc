package subscriber_test

import (
	"testing"

	"go.uber.org/goleak"

	"rollcall/internal/stream/streamtest"
)

func TestMain(m *testing.M) {
	streamtest.RunNode()
	goleak.VerifyTestMain(m)
}
