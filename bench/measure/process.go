package measure

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of the times in /proc, which Linux has fixed for user
// space.
const clockTick = time.Second / 100

// Usage is what a process has used so far.
type Usage struct {
	At time.Time
	// CPU is its own time and the kernel's for it.
	CPU time.Duration
	// Writes is how many system calls wrote something: to sockets, but also to
	// files and to wake threads.
	Writes int64
	// Resident is its memory, in bytes.
	Resident int64
}

// UsageOf reads what the kernel counts of a process.
func UsageOf(pid int) (Usage, error) {
	u := Usage{At: time.Now()}
	cpu, err := cpuOf(pid)
	if err != nil {
		return Usage{}, err
	}
	u.CPU = cpu
	if u.Writes, err = numberIn(pid, "io", "syscw:"); err != nil {
		return Usage{}, err
	}
	kib, err := numberIn(pid, "status", "VmRSS:")
	if err != nil {
		return Usage{}, err
	}
	u.Resident = kib << 10
	return u, nil
}

func cpuOf(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read the CPU time: %w", err)
	}
	// The second field, a name in brackets, may hold anything.
	const user, system = 11, 12
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) <= system {
		return 0, fmt.Errorf("read the CPU time: %q is too short", stat)
	}
	var used time.Duration
	for _, text := range []string{fields[user], fields[system]} {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read the CPU time: %w", err)
		}
		used += time.Duration(n) * clockTick
	}
	return used, nil
}

// numberIn finds a line such as "VmRSS:  1234 kB" in a file about a process.
func numberIn(pid int, file, name string) (int64, error) {
	path := fmt.Sprintf("/proc/%d/%s", pid, file)
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", name, err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == name {
			n, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return 0, fmt.Errorf("read %s: %w", path, err)
			}
			return n, nil
		}
	}
	return 0, fmt.Errorf("%s has no %s", path, name)
}

// MachineBusy returns how long all cores together have been busy, with whatever,
// the time that a hypervisor took from them included.
func MachineBusy() (time.Duration, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, fmt.Errorf("read the machine's CPU time: %w", err)
	}
	// cpu user nice system idle iowait irq softirq steal …
	line, _, _ := strings.Cut(string(text), "\n")
	const idle, iowait, steal = 4, 5, 8
	var used time.Duration
	for i, field := range strings.Fields(line) {
		if i == 0 || i == idle || i == iowait || i > steal {
			continue
		}
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read the machine's CPU time: %w", err)
		}
		used += time.Duration(n) * clockTick
	}
	return used, nil
}
