package main

import (
	"context"
	"log/slog"
)

// gatewayFlags say how a gateway works.
type gatewayFlags struct {
	Timeout positiveDuration `default:"5s" group:"connection" placeholder:"DURATION" help:"Answer a submission within this time when its client names no deadline. Default: ${default}."`
}

// gatewayCmd runs the gateway alone.
type gatewayCmd struct {
	listenFlags
	natsFlags
	streamFlags
	gatewayFlags
}

// Run serves until ctx is done.
func (c *gatewayCmd) Run(ctx context.Context, log *slog.Logger) error {
	p, err := c.newProcess(log, "rollcall gateway", c.streamFlags.config())
	if err != nil {
		return err
	}
	p.addGateway(c.gatewayFlags)
	return p.serve(ctx, c.listenFlags)
}
