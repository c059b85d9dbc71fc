package subscriber

import (
	"errors"
	"time"
)

// How long a reader may give nothing though there is something, at first and at most.
const (
	leastPatience = time.Second
	mostPatience  = 8 * time.Second
)

// patience is how long readers are waited for. It grows while they give nothing at all:
// a store may take that long for the first message, and would never come to it. The zero
// value is ready to use.
type patience struct{ now time.Duration }

func (p *patience) length() time.Duration { return max(p.now, leastPatience) }

// after is for a reader that ended with an error, and gave something or not.
func (p *patience) after(err error, gave bool) {
	switch {
	case gave:
		p.now = leastPatience
	case errors.Is(err, errSilent):
		p.now = min(2*p.length(), mostPatience)
	}
}
