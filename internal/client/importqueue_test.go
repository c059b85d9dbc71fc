package client

import (
	"errors"
	"testing"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/format"
)

// TestRefusedRowsMayBeSettledBeforeTheyAreComeTo has the receiver settle what the reader
// has refused while the sender is before it: it goes on behind that.
func TestRefusedRowsMayBeSettledBeforeTheyAreComeTo(t *testing.T) {
	q := newImportQueue(MaxWindow, "import", nil)
	read := func(line int, refused error) {
		if !q.add(t.Context(), format.Row{Line: line, Person: &contactv1.Person{}, Err: refused}) {
			t.Fatal("the row was not taken")
		}
	}

	read(1, nil)

	next := q.rewind()
	if batch, _ := q.takeNow(&next, importBatch); len(batch) != 1 {
		t.Fatalf("%d rows to send, not the first", len(batch))
	}

	read(2, errors.New("no e-mail"))
	read(3, errors.New("no name"))
	read(4, nil)
	q.end()

	if _, ok := q.settle(&contactv1.SubmitPersonResponse{}); !ok {
		t.Fatal("the first was not settled")
	}

	for line := 2; line <= 3; line++ {
		if row, ok := q.settleRefused(); !ok || row.Line != line {
			t.Fatalf("settled %v, not line %d", row, line)
		}
	}

	batch, ended := q.takeNow(&next, importBatch)
	if len(batch) != 1 || batch[0].GetIdempotencyKey() != rowKey("import", 4) || !ended {
		t.Errorf("%v to send, ended %v: not line 4 and the end", batch, ended)
	}

	if _, ok := q.settle(&contactv1.SubmitPersonResponse{}); !ok || !q.done() {
		t.Error("the last was not settled")
	}
}
