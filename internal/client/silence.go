package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// watchdog ends a connection that has gone silent: one that TCP still takes for
// alive would otherwise look like a stream on which nothing happens.
type watchdog struct {
	cancel context.CancelFunc
	bitten atomic.Pointer[silentError]
	timer  *time.Timer
}

// startWatchdog returns the context to run the connection under, which ends when
// nothing is heard in time.
func startWatchdog(parent context.Context, within time.Duration) (context.Context, *watchdog) {
	ctx, cancel := context.WithCancel(parent)
	dog := &watchdog{cancel: cancel}
	dog.watch(within)

	return ctx, dog
}

// rest stops watching until watch is called again.
func (d *watchdog) rest() {
	d.timer.Stop()
}

// watch wants to hear from the connection within this time.
func (d *watchdog) watch(within time.Duration) {
	d.timer = time.AfterFunc(within, func() {
		d.bitten.Store(&silentError{within})
		d.cancel()
	})
}

// cause is err, unless it was the watchdog's bite that made it.
func (d *watchdog) cause(err error) error {
	if silent := d.bitten.Load(); silent != nil {
		return silent
	}

	return err
}

func (d *watchdog) stop() {
	d.timer.Stop()
	d.cancel()
}

// silentError says that nothing came for so long.
type silentError struct{ within time.Duration }

func (e *silentError) Error() string {
	return fmt.Sprintf("the server was silent for %v", e.within.Round(time.Millisecond))
}

var errEnded = errors.New("the server ended the watch")

// ended names the end of a watch that the server closed without an error.
func ended(err error) error {
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return errEnded
	}

	return err
}
