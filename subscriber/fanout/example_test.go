package fanout_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"rollcall/subscriber/fanout"
)

// A watcher takes all there is in one stretch, sleeps while there is nothing, and is
// told what will never come.
func ExampleLog() {
	log := fanout.New(0, 1<<20) // it begins after sequence 0
	log.Append(1, 0, []byte("Ada, "))
	log.Append(2, 0, []byte("Grace, "))
	log.Gap(4, fanout.Deleted)

	cursor, err := log.Cursor(nil, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cursor.Close()

	// What comes while it sleeps; the log's end is the watch's, too.
	var rest sync.Once
	later := func() {
		log.Append(5, 0, []byte("Alan, "))
		log.Close(io.EOF)
	}
	for {
		stretch, err := cursor.Next()
		switch {
		case errors.Is(err, fanout.ErrCaughtUp):
			fmt.Println("caught up at", cursor.Position())
			awake := cursor.Park()
			rest.Do(later)
			<-awake
		case errors.Is(err, fanout.ErrBehind):
			fmt.Println("read what comes after", cursor.Position(), "elsewhere, then open another cursor")
			return
		case err != nil:
			fmt.Println("the log is closed:", err)
			return
		case len(stretch.Events) == 0:
			fmt.Printf("%d to %d are gone\n", stretch.First, stretch.Last)
		default:
			fmt.Printf("%d to %d: %q\n", stretch.First, stretch.Last, stretch.Events)
		}
	}

	// Output:
	// 1 to 2: "Ada, Grace, "
	// 3 to 4 are gone
	// caught up at 4
	// 5 to 5: "Alan, "
	// the log is closed: EOF
}

// A filter shows what its transform lets through, made once for all of its cursors.
// They are not woken for the rest, but their position moves past it.
func ExampleLog_NewFilter() {
	log := fanout.New(0, 1<<20)
	filter := log.NewFilter(func(dst []byte, _ uint64, event []byte) []byte {
		if bytes.HasPrefix(event, []byte("A")) {
			dst = append(dst, event...)
		}
		return dst
	})
	var running sync.WaitGroup
	running.Go(func() { filter.Run(context.Background()) }) // to the log's end

	cursor, err := log.Cursor(filter, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	for sequence, name := range []string{"Ada, ", "Grace, ", "Alan, ", "Mary, "} {
		log.Append(uint64(sequence)+1, 0, []byte(name))
	}
	stretch, err := cursor.Next()
	fmt.Printf("%q up to %d, %v\n", stretch.Events, cursor.Position(), err)

	cursor.Close()
	log.Close(io.EOF)
	running.Wait()

	// Output:
	// "Ada, Alan, " up to 4, <nil>
}
