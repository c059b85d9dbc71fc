package main

import (
	"context"
	"log/slog"
)

// subscriberFlags say how a subscriber works.
type subscriberFlags struct {
	Ring         byteSize         `default:"64MiB" group:"watching" placeholder:"BYTES" help:"Keep the latest events in this much memory. Default: ${default}."`
	Replays      int              `default:"16" group:"watching" placeholder:"N" help:"Read from JetStream for at most so many watches at a time; the others that are behind the memory wait. Default: ${default}."`
	Filters      int              `default:"1000" group:"watching" placeholder:"N" help:"At most so many different filters at a time. Default: ${default}."`
	FilterCost   uint64           `default:"10000" group:"watching" placeholder:"UNITS" help:"A filter that costs more than this for one person does not match it; in CEL's units, about one an operation and one for ten characters looked at. Default: ${default}."`
	WatchTimeout positiveDuration `default:"1m" group:"watching" placeholder:"DURATION" help:"Cut off a watch whose client takes nothing for this long. Default: ${default}."`
}

// subscriberCmd runs the subscriber alone.
type subscriberCmd struct {
	listenFlags
	natsFlags
	streamFlags
	subscriberFlags
}

// Run serves until ctx is done.
func (c *subscriberCmd) Run(ctx context.Context, log *slog.Logger) error {
	p, err := c.newProcess(log, "rollcall subscriber", c.streamFlags.config())
	if err != nil {
		return err
	}
	p.addSubscriber(c.subscriberFlags)
	if err := p.addDashboard(); err != nil {
		return err
	}
	return p.serve(ctx, c.listenFlags)
}
