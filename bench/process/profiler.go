package process

import (
	"fmt"
	"os"
	"runtime/pprof"
)

// Profiler is the part of a service that profiles its process; its methods are
// called by net/rpc.
type Profiler struct {
	file *os.File
}

// Profile begins to write a CPU profile, which EndProfile ends.
func (p *Profiler) Profile(path string, _ *Nothing) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write a profile: %w", err)
	}
	p.file = file
	if err := pprof.StartCPUProfile(file); err != nil {
		return fmt.Errorf("write a profile: %w", err)
	}
	return nil
}

// EndProfile ends what Profile began.
func (p *Profiler) EndProfile(Nothing, *Nothing) error {
	pprof.StopCPUProfile()
	if err := p.file.Close(); err != nil {
		return fmt.Errorf("write a profile: %w", err)
	}
	return nil
}
