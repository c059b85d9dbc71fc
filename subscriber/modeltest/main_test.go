// Package modeltest holds subscribers, in thousands of random schedules, against a
// model of the stream.
package modeltest

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds how long a schedule waits for what must come.
const patience = time.Minute
