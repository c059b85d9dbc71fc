// Package submit says what is measured of taking persons in, and measures it: each
// point with a server process and a process of its own that submits to it.
package submit

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/bench/submit/load"
)

// System is something that takes submissions, the way its clients send them included.
type System struct {
	Name string
	// Server is the name of the system as its process knows it, or else Program is a
	// program of its own that was built beside this one.
	Server   string
	Program  string
	Encoding string
	// Keyed requests have an idempotency key each.
	Keyed bool
	// Stores what it takes; the others are ceilings.
	Stores bool
}

// The systems, as they are named in results.
var (
	Bare          = System{Name: "bare", Server: "bare", Encoding: load.JSON}
	ConnectBare   = System{Name: "connect-bare", Server: "connect-bare", Encoding: load.JSON}
	ConnectParse  = System{Name: "connect-parse", Server: "connect-parse", Encoding: load.JSON}
	Rollcall      = System{Name: "rollcall", Server: "rollcall", Encoding: load.JSON, Stores: true}
	Keyed         = System{Name: "rollcall-keys", Server: "rollcall", Encoding: load.JSON, Keyed: true, Stores: true}
	Binary        = System{Name: "rollcall-binary", Server: "rollcall", Encoding: load.Binary, Stores: true}
	BinaryKeyed   = System{Name: "rollcall-binary-keys", Server: "rollcall", Encoding: load.Binary, Keyed: true, Stores: true}
	Gateway       = System{Name: "gateway", Server: "gateway", Encoding: load.JSON, Stores: true}
	GatewayBinary = System{Name: "gateway-binary", Server: "gateway", Encoding: load.Binary, Stores: true}
	Afternoon     = System{Name: "afternoon", Server: "afternoon", Encoding: load.JSON, Stores: true}
	Benthos       = System{Name: "benthos", Program: "bench-benthos", Encoding: load.JSON, Stores: true}
)

// Systems returns those that are set side by side.
func Systems() []System {
	return []System{Bare, ConnectBare, ConnectParse, Rollcall, Keyed, Binary, BinaryKeyed, Gateway, GatewayBinary, Afternoon, Benthos}
}

// The systems whose imports are compared.
var (
	// Raw is JetStream with a publisher in its process.
	Raw              = System{Name: "nats async", Server: "nats", Keyed: true, Stores: true}
	Importing        = System{Name: "rollcall ImportPersons", Server: "rollcall", Encoding: load.Binary, Keyed: true, Stores: true}
	GatewayImporting = System{Name: "gateway ImportPersons", Server: "gateway", Encoding: load.Binary, Keyed: true, Stores: true}
)

// UnmarshalText reads a system's name.
func (s *System) UnmarshalText(text []byte) error {
	all := Systems()
	i := slices.IndexFunc(all, func(s System) bool { return s.Name == string(text) })
	if i < 0 {
		names := make([]string, 0, len(all))
		for _, system := range all {
			names = append(names, system.Name)
		}
		return fmt.Errorf("no system %q: there are %s", text, strings.Join(names, ", "))
	}
	*s = all[i]
	return nil
}
