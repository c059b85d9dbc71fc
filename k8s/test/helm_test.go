package k8stest

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"testing"
)

// chart is the chart that is tested.
const chart = "../chart"

// helm runs Helm, and returns what it printed; its error says what it complained of.
func helm(t *testing.T, args ...string) (string, error) {
	t.Helper()

	if _, err := exec.LookPath("helm"); err != nil {
		t.Skip("helm is not installed: scripts/install helm builds it")
	}

	var stdout, stderr bytes.Buffer

	command := exec.CommandContext(t.Context(), "helm", args...)
	command.Stdout, command.Stderr = &stdout, &stderr

	err := command.Run()
	if _, failed := errors.AsType[*exec.ExitError](err); failed {
		err = fmt.Errorf("helm: %s%s", stderr.String(), stdout.String())
	}

	return stdout.String(), err
}

// render is what the chart makes of values, given as Helm's options.
func render(t *testing.T, options ...string) (string, error) {
	t.Helper()

	args := []string{"template", chart, "--name-template", "rollcall", "--namespace", "rollcall", "--kube-version", "1.34.0"}

	return helm(t, append(args, options...)...)
}

func mustRender(t *testing.T, options ...string) string {
	t.Helper()

	objects, err := render(t, options...)
	if err != nil {
		t.Fatal(err)
	}

	return objects
}
