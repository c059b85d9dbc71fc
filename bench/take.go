package main

import (
	"rollcall/bench/process"
	"rollcall/bench/submit/server"
)

// takeCmd is the process that persons are submitted to.
type takeCmd struct {
	System string `arg:"" help:"The system's name."`
}

// Run takes submissions until the driver is gone.
func (c *takeCmd) Run() error {
	outliveDriver()
	s, err := server.Start(c.System)
	if err != nil {
		return err
	}
	service := server.NewService(s)
	defer service.Close()
	return process.Serve(service)
}
