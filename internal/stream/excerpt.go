package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/synadia-io/orbit.go/jetstreamext"
)

// Excerpt returns messages from a sequence on, up to a number and about so many bytes,
// as one of the servers has them that store the stream. It needs no consumer, which a
// cluster can't make while it elects its own leader, though streams have theirs. Of which
// incarnation the messages are, an epoch tells that is the same before and after. The
// stream must allow direct access.
func (s *Stream) Excerpt(ctx context.Context, from uint64, messages, bytes int) (excerpt []Message, err error) {
	err = s.repeat(ctx, "DIRECT.GET."+s.name, func(ctx context.Context) error {
		excerpt = nil
		batch, err := jetstreamext.GetBatch(ctx, s.js, s.name, messages,
			jetstreamext.GetBatchSeq(max(from, 1)), jetstreamext.GetBatchMaxBytes(bytes))
		if err != nil {
			return err
		}
		for m, err := range batch {
			switch {
			case errors.Is(err, jetstreamext.ErrNoMessages):
				return nil
			case err != nil:
				return err
			}
			excerpt = append(excerpt, Message{Sequence: m.Sequence, PublishedAt: m.Time, Payload: m.Data})
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, s.explain(fmt.Sprintf("read some from sequence %d on in", from), err)
	}
	return excerpt, nil
}
