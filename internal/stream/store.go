package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// storeTimeout bounds the question whether the store can be written: who may not ask
// it gets no answer.
const storeTimeout = time.Second

// What a store that works says when it is asked to delete a message that it does not
// have.
const (
	nothingThere = "stream store EOF"
	noMessage    = "no message found"
)

var errStoreNotAsked = errors.New("the store can't be asked whether it can be written")

// storeFailure returns why the stream's store can't be written, as [ErrStorage]; nil if
// it can. A store that could not be written once refuses all that would change it, and
// says why, before it looks at what is wanted. So it is asked to delete a message that
// cannot be: nothing is ever deleted. It is for streams with one replica, where
// JetStream says nothing else; with more the others take over.
func (s *Stream) storeFailure(ctx context.Context) (failure, err error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	reply, err := s.nc.RequestWithContext(ctx, s.api("STREAM.MSG.DELETE."+s.name), []byte(`{"seq":18446744073709551615,"no_erase":true}`))
	if err != nil {
		return nil, s.explain("ask for the store of", err)
	}
	var answer struct {
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return nil, s.explain("ask for the store of", err)
	}
	switch {
	case answer.Error == nil || answer.Error.Description == nothingThere || answer.Error.Description == noMessage:
		return nil, nil
	case answer.Error.ErrorCode != codeDeleteFailed || answer.Error.Description == "message delete not permitted":
		return nil, fmt.Errorf("%w: %w", errStoreNotAsked, meaning(answer.Error))
	}
	return fmt.Errorf("%w: %s; make room on it, or mend it, and restart that NATS server: it does not try again by itself", ErrStorage, answer.Error.Description), nil
}
