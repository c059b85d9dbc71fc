package k8stest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// The test's own namespaces.
const (
	messaging = "rollcall-test-messaging"
	services  = "rollcall-test"
)

// rollout is how long new pods may take until they are ready and the old ones gone.
const rollout = 3 * time.Minute

// TestCluster installs NATS and rollcall on a cluster and does to them what happens to
// clusters. It is told by the environment: K8S_TEST_CONTEXT is the kubeconfig's context,
// without which it is skipped, and K8S_TEST_VARS a file with what shall be said to the
// playbook beside the namespaces. `make k8s-test` sets both.
func TestCluster(t *testing.T) {
	c := &cluster{context: os.Getenv("K8S_TEST_CONTEXT"), vars: os.Getenv("K8S_TEST_VARS")}
	if c.context == "" {
		t.Skip("no cluster is given: make k8s-test CONTEXT=... does")
	}

	t.Cleanup(func() { c.report(t) })

	// One after the other: each finds what the one before has left.
	for _, part := range []struct {
		name string
		try  func(*testing.T)
	}{
		{"the playbook installs it, and a second run changes nothing", c.installs},
		{"the API server takes all that the chart can make", c.accepts},
		{"persons are submitted and watched through the Services", c.serves},
		{"nothing is lost whatever ends and is rolled", c.survives},
		{"it is taken away, its volumes stay", c.goes},
	} {
		if !t.Run(part.name, part.try) {
			t.FailNow()
		}
	}
}

// cluster is where the test runs.
type cluster struct{ context, vars string }

func (c *cluster) kubectl(t *testing.T, args ...string) string {
	t.Helper()

	return run(t, "kubectl", append([]string{"--context", c.context}, args...)...)
}

// awaitRollout waits until a workload is what was asked for.
func (c *cluster) awaitRollout(t *testing.T, namespace, workload string) {
	t.Helper()
	c.kubectl(t, "--namespace", namespace, "rollout", "status", workload, "--timeout", rollout.String())
}

// pods are the names of a component's pods.
func (c *cluster) pods(t *testing.T, component string) []string {
	t.Helper()

	return strings.Fields(c.kubectl(t, "--namespace", services, "get", "pods",
		"--selector", "app.kubernetes.io/component="+component, "--output", "jsonpath={.items[*].metadata.name}"))
}

// kill ends a pod with hardly a warning: it is not drained, and has two seconds, which is
// the least that a kubelet gives. (What kill -9 does is tried in e2e.)
func (c *cluster) kill(t *testing.T, namespace, pod string) {
	t.Helper()
	c.kubectl(t, "--namespace", namespace, "delete", "pod", pod, "--grace-period=0", "--force", "--wait=true")
}

// report shows what there is to see when something went wrong.
func (c *cluster) report(t *testing.T) {
	t.Helper()

	if !t.Failed() {
		return
	}

	t.Logf("the namespaces %s and %s stay, to be looked at", messaging, services)

	for _, args := range [][]string{
		{"get", "pods,pvc,services", "--all-namespaces", "--output", "wide"},
		{"--namespace", messaging, "get", "events", "--sort-by=.lastTimestamp"},
		{"--namespace", services, "get", "events", "--sort-by=.lastTimestamp"},
		{"--namespace", messaging, "logs", "--selector", "app.kubernetes.io/name=nats", "--all-containers", "--prefix", "--tail=40"},
		{"--namespace", services, "logs", "--selector", "app.kubernetes.io/name=rollcall", "--prefix", "--tail=40"},
	} {
		output, err := try(context.WithoutCancel(t.Context()), "kubectl", append([]string{"--context", c.context}, args...)...)
		t.Logf("kubectl %s:\n%s", strings.Join(args, " "), output)

		if err != nil {
			t.Log(fmt.Errorf("not told: %w", err))
		}
	}
}
