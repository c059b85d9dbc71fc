package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"rollcall/gateway"
)

// gatewayFlags say how a gateway works.
type gatewayFlags struct {
	Timeout      positiveDuration `default:"${timeout}" group:"submitting" placeholder:"DURATION" help:"Wait this long for the acknowledgement of a submission. Default: ${default}."`
	Submissions  int              `default:"${submissions}" group:"submitting" placeholder:"N" help:"Serve at most so many calls at a time; more are told to come again (reason OVERLOADED). Default: ${default}."`
	RateLimit    float64          `default:"0" group:"submitting" placeholder:"N" help:"At most so many submissions a second from one client, 1,000 at once; more are told to come again (reason RATE_LIMITED). 0 is any number. Default: ${default}."`
	ClientHeader string           `group:"submitting" placeholder:"NAME" help:"Tell clients apart by this header, such as X-Forwarded-For. Of several values the last counts: the proxy before this server must set it or append to it. Default: by the address that the connection comes from."`
}

// Validate is called by kong.
func (f gatewayFlags) Validate() error {
	switch {
	case f.Submissions < 1:
		return errors.New("--submissions must be at least 1")
	case f.RateLimit < 0:
		return errors.New("--rate-limit must not be negative")
	}
	return nil
}

func (f gatewayFlags) config(subject string, log *slog.Logger) gateway.Config {
	return gateway.Config{
		Subject: subject, Timeout: time.Duration(f.Timeout), Calls: f.Submissions, Messages: gateway.DefaultMessages,
		RateLimit: f.RateLimit, ClientHeader: f.ClientHeader, Logger: log,
	}
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
	p.addGateway(c.gatewayFlags, nil)
	return p.serve(ctx, c.listenFlags)
}
