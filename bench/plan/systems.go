package plan

import (
	"fmt"
	"slices"
	"strings"
)

// The systems, as they are named in results. The first four are one and the same
// server.
var (
	Rollcall          = System{Name: "rollcall", Server: "rollcall", Protocol: "connect"}
	RollcallJSON      = System{Name: "rollcall, JSON", Server: "rollcall", Protocol: "connect-json"}
	RollcallGzip      = System{Name: "rollcall, gzip", Server: "rollcall", Protocol: "connect-gzip"}
	RollcallHTTP2     = System{Name: "rollcall, HTTP/2", Server: "rollcall", Protocol: "connect-h2"}
	Centrifuge        = System{Name: "centrifuge", Server: "centrifuge", Protocol: "centrifuge"}
	CentrifugeDelayed = System{Name: "centrifuge-delayed", Server: "centrifuge-delayed", Protocol: "centrifuge"}
	Mercure           = System{Name: "mercure", Server: "mercure", Protocol: "sse"}
	Afternoon         = System{Name: "afternoon", Server: "afternoon", Protocol: "connect"}
	NATS              = System{Name: "nats", Server: "nats", Protocol: "nats"}
	Floor             = System{Name: "floor", Server: "floor", Protocol: "raw"}
)

// Systems returns those that are set side by side.
func Systems() []System {
	return []System{Rollcall, Centrifuge, CentrifugeDelayed, Mercure, Afternoon, NATS, Floor}
}

// Load is how many watch how many events a second.
type Load struct{ Watchers, Rate int }

// Loads returns those that all systems are measured at.
func Loads() []Load {
	return []Load{{100, 100}, {100, 1000}, {100, 10_000}, {1000, 100}, {1000, 1000}, {1000, 10_000}, {5000, 10}}
}

func (l Load) String() string { return fmt.Sprintf("%dx%d", l.Watchers, l.Rate) }

// UnmarshalText reads a load as 1000x100.
func (l *Load) UnmarshalText(text []byte) error {
	if n, err := fmt.Sscanf(string(text), "%dx%d", &l.Watchers, &l.Rate); err != nil || n != 2 || l.String() != string(text) || l.Watchers < 1 || l.Rate < 1 {
		return fmt.Errorf("%q is not WATCHERSxRATE such as 1000x100", text)
	}
	return nil
}

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
