package main

import (
	"rollcall/bench/client"
	"rollcall/bench/process"
)

// clientsCmd is the process that watches.
type clientsCmd struct{}

// Run watches until the driver is gone.
func (*clientsCmd) Run() error {
	outliveDriver()
	return process.Serve(&client.Service{})
}
