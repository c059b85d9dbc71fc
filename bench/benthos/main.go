// Command bench-benthos is Benthos as a system that persons are submitted to, controlled
// over standard input and output. It is a program of its own: what Benthos sets up when
// a program starts, asked for or not, is 16 MiB, which every other system would have in
// its memory, too.
package main

import (
	"fmt"
	"os"
	"os/signal"

	"rollcall/bench/process"
	"rollcall/bench/submit/server"
)

func main() {
	signal.Ignore(os.Interrupt) // it is for the driver to end us
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "bench-benthos: %v\n", err)
		os.Exit(1)
	}
}

func run() error {
	b, err := start()
	if err != nil {
		return fmt.Errorf("start Benthos: %w", err)
	}
	service := server.NewService(b)
	defer service.Close()
	return process.Serve(service)
}
