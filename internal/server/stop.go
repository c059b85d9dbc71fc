package server

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// stop is the orderly end. ctx is what ended Serve; its values live on, its end
// does not bound the stop.
func (s *Server) stop(ctx context.Context, served <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.StopTimeout)
	defer cancel()
	s.beginEnd()
	s.config.Logger.InfoContext(ctx, "stopping", "requests", s.inFlight.Load())
	// Before the roles refuse new work, so that new clients find another replica
	// rather than a refusal. Shutdown closes it again, to no effect.
	s.listener.closeGently(ctx)
	<-served // all that was accepted is being served

	var roles sync.WaitGroup
	stopped := make([]error, len(s.roles))
	for i, role := range s.roles {
		roles.Go(func() { stopped[i] = stopRole(ctx, role) })
	}
	s.open.end(ctx)
	err := s.http.Shutdown(ctx)
	if taken := s.taken.wait(ctx); err == nil {
		err = taken
	}
	roles.Wait()
	if err != nil {
		err = s.cutOff(ctx, err)
	}
	return errors.Join(errors.Join(stopped...), err)
}

// stopRole does not wait for a role beyond ctx, whatever the role does.
func stopRole(ctx context.Context, role Role) error {
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		role.Stop(ctx)
	}()
	select {
	case <-stopped:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-stopped: // Both at once: it kept to its bound.
		return nil
	default:
		return fmt.Errorf("stop %s: %w", role.Name(), ctx.Err())
	}
}

// cutOff closes what did not come to its end. Connections that carry no request
// (a browser opens some in advance) are closed without a word.
func (s *Server) cutOff(ctx context.Context, cause error) error {
	open := s.inFlight.Load()
	closed := s.http.Close()
	s.taken.close()
	if open == 0 {
		return closed
	}
	s.config.Logger.WarnContext(ctx, "requests cut off by the stop", "requests", open, "after", s.config.StopTimeout)
	return fmt.Errorf("stop: %d requests were cut off after %v: %w", open, s.config.StopTimeout, cause)
}
