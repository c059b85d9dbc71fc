package subscriber

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"connectrpc.com/connect/v2"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/subscriber/filter"
)

// filters are those in use, each compiled once for all the watches that share its
// text.
type filters struct {
	compiler *filter.Compiler
	log      *slog.Logger
	// most is how many distinct texts may be in use.
	most int

	mu     sync.Mutex
	byText map[string]*sharedFilter
}

func newFilters(most int, costLimit uint64, log *slog.Logger) *filters {
	compiler, err := filter.NewCompiler(costLimit)
	if err != nil {
		panic(fmt.Sprintf("set up filters, which depends on nothing but this program: %v", err))
	}
	return &filters{compiler: compiler, log: log, most: most, byText: make(map[string]*sharedFilter)}
}

// acquire returns the filter of a text, to be released. The error is one to answer
// the call with.
func (f *filters) acquire(text string) (*sharedFilter, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	shared := f.byText[text]
	if shared == nil {
		if len(f.byText) >= f.most {
			return nil, connect.Errorf(connect.CodeResourceExhausted,
				"filter: %d different ones are in use, as many as may be: use one of theirs, or try again later", f.most)
		}
		compiled, err := f.compiler.Compile(text)
		if err != nil {
			return nil, connect.Errorf(connect.CodeInvalidArgument, "filter: %s", err)
		}
		shared = &sharedFilter{text: text, compiled: compiled, log: f.log.With("filter", shortened(text)), logs: make(map[*incarnation]*filteredLog), failures: make(map[*incarnation]*failures)}
		f.byText[text] = shared
	}
	shared.watches++
	return shared, nil
}

func (f *filters) release(shared *sharedFilter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	shared.watches--
	if shared.watches > 0 {
		return
	}
	delete(f.byText, shared.text)
	if failed := shared.failed.Load(); failed > 0 {
		shared.log.Warn("a filter is not used any more that failed for some persons, who were not shown", "persons", failed)
	}
}

// shortened is a text as it may stand in a log.
func shortened(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// sharedFilter is a filter and the logs derived by it.
type sharedFilter struct {
	text     string
	compiled *filter.Filter
	log      *slog.Logger
	watches  int // filters.mu guards it
	// failed counts the persons for whom the evaluation failed or cost too much.
	failed atomic.Int64

	mu       sync.Mutex
	logs     map[*incarnation]*filteredLog
	failures map[*incarnation]*failures
}

// filteredLog is what a filter shows of one incarnation.
type filteredLog struct {
	views   views
	cursors int
	stop    context.CancelFunc
	stopped chan struct{}
}

// open returns the log of an incarnation as the filter shows it, to be closed.
func (s *sharedFilter) open(of *incarnation) *filteredLog {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.logs[of]
	if l == nil {
		ctx, stop := context.WithCancel(context.Background())
		failures := s.failuresOf(of)
		shown := of.log.NewFilter(func(dst []byte, _ uint64, event []byte) []byte {
			if s.shows(event, failures) {
				return append(dst, event...)
			}
			return dst
		})
		l = &filteredLog{views: newViews(of.log, shown, of.epoch), stop: stop, stopped: make(chan struct{})}
		s.logs[of] = l
		go func() {
			defer close(l.stopped)
			shown.Run(ctx)
		}()
	}
	l.cursors++
	return l
}

// close lets go of a log when nobody reads it any more.
func (s *sharedFilter) close(of *incarnation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.logs[of]
	l.cursors--
	if l.cursors > 0 {
		return
	}
	delete(s.logs, of)
	l.stop()
	<-l.stopped
	l.views.close()
}

// failuresIn returns where the filter failed in an incarnation.
func (s *sharedFilter) failuresIn(of *incarnation) *failures {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failuresOf(of)
}

// failuresOf is failuresIn for whom mu is held.
func (s *sharedFilter) failuresOf(of *incarnation) *failures {
	f := s.failures[of]
	if f == nil {
		// A watch that is still to leave an incarnation that is over has its failures itself.
		maps.DeleteFunc(s.failures, func(other *incarnation, _ *failures) bool { return other.log.Err() != nil })
		f = &failures{}
		s.failures[of] = f
	}
	return f
}

// shows reports whether an encoded event is for those who use the filter. What is
// rejected passes every filter; a person for whom it fails passes none, and is noted
// among the failures.
func (s *sharedFilter) shows(event []byte, failed *failures) bool {
	response := &contactv1.WatchPersonsResponse{}
	if err := proto.Unmarshal(event, response); err != nil {
		panic(fmt.Sprintf("decode an event that was encoded here: %v", err))
	}
	person := response.GetEvents()[0].GetPerson()
	if person == nil {
		return true
	}
	matches, err := s.compiled.Matches(person)
	if err != nil {
		sequence := response.GetEvents()[0].GetSequence()
		failed.add(sequence)
		if s.failed.Add(1) == 1 { // the others are counted
			s.log.Warn("a filter fails for a person, who is not shown", "sequence", sequence, "error", err)
		}
	}
	return matches
}
