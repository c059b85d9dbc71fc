package main

import (
	"rollcall/bench/peer"
	"rollcall/bench/process"
)

// serveCmd is the process that is measured.
type serveCmd struct {
	System string `arg:"" help:"The system's name."`
}

// Run serves until the driver is gone.
func (c *serveCmd) Run() error {
	outliveDriver()
	p, err := peer.Start(c.System)
	if err != nil {
		return err
	}
	service := peer.NewService(p)
	defer service.Close()
	return process.Serve(service)
}
