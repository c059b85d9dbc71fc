package k8stest

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// run runs a command that has to succeed, and returns what it printed.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()

	stdout, err := try(t.Context(), name, args...)
	if err != nil {
		t.Fatal(err)
	}

	return stdout
}

// try runs a command; its error has what it complained of.
func try(ctx context.Context, name string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer

	command := exec.CommandContext(ctx, name, args...)
	command.Stdout, command.Stderr = &stdout, &stderr

	if err := command.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%s %s: %w: %s%s", name, strings.Join(args, " "), err, stderr.String(), stdout.String())
	}

	return stdout.String(), nil
}

// eventually waits until condition returns nil.
func eventually(t *testing.T, patience time.Duration, condition func() error) {
	t.Helper()

	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()

	deadline := time.Now().Add(patience)

	for {
		err := condition()
		if err == nil {
			return
		}

		if time.Now().After(deadline) {
			t.Fatalf("after %v: %v", patience, err)
		}

		<-ticker.C
	}
}
