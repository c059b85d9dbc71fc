package wire

// format is a sequence of items of which each says its size near its beginning.
type format interface {
	// size returns how long the item is that begins with head; 0 if head is too
	// short to tell.
	size(head []byte) (int, error)
	// item takes a whole item.
	item(whole []byte) error
}

// cutter cuts a stream into the items of a format. Those that lie in one piece
// are not copied.
type cutter struct {
	format  format
	partial []byte
}

func (c *cutter) feed(piece []byte) error {
	for len(piece) > 0 {
		if len(c.partial) > 0 {
			rest, err := c.complete(piece)
			if err != nil {
				return err
			}
			piece = rest
			continue
		}
		size, err := c.format.size(piece)
		if err != nil {
			return err
		}
		if size == 0 || size > len(piece) {
			c.partial = append(c.partial, piece...)
			return nil
		}
		if err := c.format.item(piece[:size]); err != nil {
			return err
		}
		piece = piece[size:]
	}
	return nil
}

// complete goes on with the item that earlier pieces began, and returns what
// follows it.
func (c *cutter) complete(piece []byte) (rest []byte, err error) {
	for {
		size, err := c.format.size(c.partial)
		if err != nil {
			return nil, err
		}
		if size == len(c.partial) {
			err := c.format.item(c.partial)
			c.partial = c.partial[:0]
			return piece, err
		}
		if len(piece) == 0 {
			return nil, nil
		}
		take := 1 // the size shows with the bytes that come next
		if size > 0 {
			take = min(size-len(c.partial), len(piece))
		}
		c.partial, piece = append(c.partial, piece[:take]...), piece[take:]
	}
}

// whole reports whether no item has begun that has not ended.
func (c *cutter) whole() bool { return len(c.partial) == 0 }
