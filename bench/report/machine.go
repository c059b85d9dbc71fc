// Package report writes what was measured: as a table, as a page, and as a chart.
package report

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"rollcall/bench/process"
	"rollcall/bench/submit"
)

// measuredModules are those whose versions matter to the figures.
var measuredModules = map[string]string{
	"connectrpc.com/connect/v2":           "Connect (rollcall, afternoon, connect)",
	"github.com/nats-io/nats-server/v2":   "NATS server (rollcall, nats)",
	"github.com/nats-io/nats.go":          "NATS client (rollcall, nats)",
	"google.golang.org/protobuf":          "Protobuf (rollcall, afternoon, centrifuge)",
	"capnproto.org/go/capnp/v3":           "Cap'n Proto (rollcall)",
	"cel.dev/cel-go":                      "CEL (rollcall's filters)",
	"github.com/centrifugal/centrifuge":   "Centrifuge",
	"github.com/centrifugal/protocol":     "Centrifuge's protocol",
	"github.com/dunglas/mercure":          "Mercure",
	"buf.build/go/protovalidate":          "protovalidate (rollcall's gateway, connect-parse)",
	"github.com/redpanda-data/benthos/v4": "Benthos, Redpanda Connect's engine",
}

// machine says where the figures come from.
func machine() [][2]string {
	rows := [][2]string{
		{"CPU", fmt.Sprintf("%s, %d cores, shared by the server, the clients and the driver", lineOf("/proc/cpuinfo", "model name"), runtime.NumCPU())},
		{"Memory", lineOf("/proc/meminfo", "MemTotal")},
		{"Kernel", kernel()},
		{"Go", runtime.Version()},
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return rows
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			rows = append(rows, [2]string{"rollcall", "commit " + setting.Value})
		case "vcs.modified":
			if setting.Value == "true" {
				rows[len(rows)-1][1] += ", changed"
			}
		}
	}
	modules := info.Deps
	for _, system := range submit.Systems() {
		modules = append(modules, modulesOf(system.Program, modules)...)
	}
	for _, module := range modules {
		if name, ok := measuredModules[module.Path]; ok {
			rows = append(rows, [2]string{name, module.Path + " " + module.Version})
		}
	}
	return rows
}

// modulesOf returns what a program was built from that is not among those known; none
// if it was not built.
func modulesOf(program string, known []*debug.Module) []*debug.Module {
	path, err := process.Beside(program)
	if program == "" || err != nil {
		return nil
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(info.Deps, func(m *debug.Module) bool {
		return slices.ContainsFunc(known, func(k *debug.Module) bool { return k.Path == m.Path })
	})
}

// lineOf returns what a file of the kernel's says after a name.
func lineOf(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(text)) {
		key, value, found := strings.Cut(line, ":")
		if found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func kernel() string {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return "unknown"
	}
	return unix.ByteSliceToString(name.Sysname[:]) + " " + unix.ByteSliceToString(name.Release[:]) + " " + unix.ByteSliceToString(name.Machine[:])
}
