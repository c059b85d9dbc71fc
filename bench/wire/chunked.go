package wire

// chunked takes the framing of HTTP/1.1's chunked transfer coding off.
type chunked struct {
	body sink

	size int // as far as its digits were read
	left int // of the chunk's data
	skip int // of the line break after the data
}

func (c *chunked) feed(piece []byte) error {
	for len(piece) > 0 {
		switch {
		case c.left > 0:
			n := min(c.left, len(piece))
			if err := c.body.feed(piece[:n]); err != nil {
				return err
			}
			c.left, piece = c.left-n, piece[n:]
			if c.left == 0 {
				c.skip = len("\r\n")
			}
		case c.skip > 0:
			n := min(c.skip, len(piece))
			c.skip, piece = c.skip-n, piece[n:]
		default:
			if err := c.sizeLine(piece[0]); err != nil {
				return err
			}
			piece = piece[1:]
		}
	}
	return nil
}

func (c *chunked) sizeLine(b byte) error {
	switch {
	case '0' <= b && b <= '9':
		c.size = c.size<<4 | int(b-'0')
	case 'a' <= b && b <= 'f':
		c.size = c.size<<4 | int(b-'a'+10)
	case b == '\r':
	case b == '\n' && c.size == 0:
		return ErrEnded
	case b == '\n':
		c.left, c.size = c.size, 0
	default:
		return errFormat
	}
	return nil
}
