// Package fanout hands one ordered stream of events to any number of watchers
// from one copy in memory.
//
// A [Log] is a ring of segments of at most 64 KiB. An event is appended once, as
// the bytes that go on the wire, and those bytes are chosen so that a stretch of
// events one after another is itself a message. A watcher is a [Cursor]: a
// segment and an offset. It has no queue and no buffer, so there is nothing to
// overflow: [Cursor.Next] returns all there is from where it stands to the end of
// the segment, without copying. The busier the log, the larger the stretches and
// the fewer writes an event costs.
//
// Sequences are contiguous: one that will never come is appended as a gap, so a
// cursor always knows that it has seen everything. When the ring is full the
// oldest segment goes, whoever is still reading it; a cursor that stood there
// learns so from [ErrBehind] and has to catch up elsewhere before it can open
// again at the exact sequence.
//
// What the source has lost since is taken out with [Log.Remove]: segments without it
// take the place of those that held it, and cursors that stood in these find their
// place in the new ones by their position. Nothing that is read is changed, so reading
// needs no lock.
//
// A [View] is the same log in other bytes: JSON for binary, or only the events
// that match a filter. It is made from each event once, when the first of its
// cursors gets there, and shared by all of them.
//
// A cursor that has caught up parks. Waking is self-clocked: the parked are woken
// together when nearly all that were woken last have parked again. An idle log
// wakes at once; a busy one settles at one pass over its watchers a wake, with
// larger stretches. See [Cursor.Park].
//
// The package knows nothing of where events come from or where bytes go.
package fanout
