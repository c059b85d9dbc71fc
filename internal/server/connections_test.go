package server

import (
	"io"
	"net"
	"testing"
	"time"
)

// TestConnectionThatIsEndedStillHasWhatCame ends one whose client has sent a request
// that is not read yet.
func TestConnectionThatIsEndedStillHasWhatCame(t *testing.T) {
	t.Parallel()
	var open connections
	l, err := listen("127.0.0.1:0", &open)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	if _, err := io.WriteString(client, "request"); err != nil {
		t.Fatal(err)
	}
	if !open.endQuiet(time.Now().Add(-time.Hour).UnixNano()) {
		t.Error("there is nothing to end")
	}
	var byteRead [1]byte
	if _, err := io.ReadFull(accepted, byteRead[:]); err != nil {
		t.Fatalf("it was ended before its time: %v", err)
	}
	open.endQuiet(time.Now().Add(time.Hour).UnixNano())
	rest, err := io.ReadAll(accepted)
	if err != nil || string(rest) != "equest" {
		t.Errorf("got %q, %v", rest, err)
	}
	if _, err := io.WriteString(accepted, "answer"); err != nil {
		t.Error(err)
	}
	_ = accepted.Close()
	if answer, err := io.ReadAll(client); err != nil || string(answer) != "answer" {
		t.Errorf("the client got %q, %v", answer, err)
	}
}
