package main

import (
	"rollcall/bench/process"
	"rollcall/bench/submit/load"
)

// submittersCmd is the process that submits.
type submittersCmd struct{}

// Run submits until the driver is gone.
func (*submittersCmd) Run() error {
	outliveDriver()
	return process.Serve(&load.Service{})
}
