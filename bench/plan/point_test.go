package plan

import (
	"testing"
	"time"
)

func TestNetIsBeyondOneWatcher(t *testing.T) {
	t.Parallel()
	f := Figures{
		Point: Point{Watchers: 11, Rate: 1000}, Published: 1000, Deliveries: 11_000, CPU: 0.2, Writes: 6000,
		Alone: &Figures{Published: 1000, Deliveries: 1000, CPU: 0.1, Writes: 1000},
	}
	if f.NetCPU() != 10*time.Microsecond || f.NetWrites() != 0.5 || f.CPUPerWrite() != 20*time.Microsecond {
		t.Errorf("net CPU %s, writes %v, CPU a write %s", f.NetCPU(), f.NetWrites(), f.CPUPerWrite())
	}
	// At half the rate one watcher would have cost half.
	f.Published, f.Deliveries, f.CPU = 500, 5500, 0.1
	if f.NetCPU() != 10*time.Microsecond || f.Reached() {
		t.Errorf("at half the rate: net CPU %s, reached %t", f.NetCPU(), f.Reached())
	}
}

func TestLoadsAreRead(t *testing.T) {
	t.Parallel()
	var load Load
	if err := load.UnmarshalText([]byte("1000x100")); err != nil || load != (Load{1000, 100}) {
		t.Errorf("got %v, %v", load, err)
	}
	for _, wrong := range []string{"", "1000", "x10", "0x10", "10x10x10", "1000x-1"} {
		if err := load.UnmarshalText([]byte(wrong)); err == nil {
			t.Errorf("%q was taken for a load", wrong)
		}
	}
}
