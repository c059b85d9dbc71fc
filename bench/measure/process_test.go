package measure

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestUsageGrows(t *testing.T) {
	t.Parallel()
	before, err := UsageOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(t.TempDir(), "file"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); time.Since(began) < 50*time.Millisecond; {
	}
	busy, err := MachineBusy()
	if err != nil || busy < before.CPU {
		t.Errorf("the machine was busy for %s, %v, and we for %s", busy, err, before.CPU)
	}
	after, err := UsageOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if after.CPU <= before.CPU || after.Writes <= before.Writes || after.Resident <= 0 {
		t.Errorf("before %+v, after %+v", before, after)
	}
	if _, err := UsageOf(-1); err == nil {
		t.Error("a process that cannot be was measured")
	}
}
