package subscriber

// Packed returns how often a stretch was compressed.
func (s *Subscriber) Packed() int64 { return s.packer.made.Load() }

// RefusalPatience is for tests of it.
const RefusalPatience = refusalPatience
