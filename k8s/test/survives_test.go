package k8stest

import (
	"testing"
)

// survives does to the cluster what happens to clusters, while persons are submitted
// and watched: nothing acknowledged may be lost, nor shown twice, nor stored twice.
func (c *cluster) survives(t *testing.T) {
	t.Helper()

	in, out := c.reach(t, gateway), c.reach(t, subscriber)
	s := submitTo(t, in, 4)
	watchers := []*watcher{watchFrom(t, out, "connect"), watchFrom(t, out, "grpc"), watchFrom(t, out, "grpcweb")}

	s.awaitMore(t, 100)

	for _, blow := range []struct {
		name   string
		strike func()
	}{
		{"a NATS pod is killed", func() {
			c.kill(t, messaging, "nats-0")
			c.awaitRollout(t, messaging, "statefulset/nats")
		}},
		{"a subscriber is killed", func() {
			c.kill(t, services, c.pods(t, "subscriber")[0])
			c.awaitRollout(t, services, "deployment/"+subscriber)
		}},
		{"a gateway is killed", func() {
			c.kill(t, services, c.pods(t, "gateway")[0])
			c.awaitRollout(t, services, "deployment/"+gateway)
		}},
		{"the subscribers are rolled", func() { c.roll(t, subscriber) }},
		{"the gateways are rolled", func() { c.roll(t, gateway) }},
		{"there are three subscribers", func() { c.scale(t, "3") }},
		{"there is one subscriber", func() { c.scale(t, "1") }},
	} {
		before := s.repeated()
		blow.strike()
		s.awaitMore(t, 100)
		t.Logf("%s: %d acknowledged, %d sent again", blow.name, s.count(), s.repeated()-before)
	}

	s.end()

	if s.broken != nil {
		t.Error(s.broken)
	}

	for _, w := range watchers {
		eventually(t, rollout, func() error { return w.has(s.acknowledged) })

		if found := w.unasked(s.acknowledged); len(found) > 0 {
			t.Errorf("%s: stored and never acknowledged: %v", w.name, found)
		}
	}

	t.Logf("%d acknowledged, each shown once by %d watches; last trouble: %v", s.count(), len(watchers), s.trouble)
}

// roll starts a Deployment's pods anew, one after the other.
func (c *cluster) roll(t *testing.T, deployment string) {
	t.Helper()
	c.kubectl(t, "--namespace", services, "rollout", "restart", "deployment/"+deployment)
	c.awaitRollout(t, services, "deployment/"+deployment)
}

func (c *cluster) scale(t *testing.T, replicas string) {
	t.Helper()
	c.kubectl(t, "--namespace", services, "scale", "deployment/"+subscriber, "--replicas", replicas)
	c.awaitRollout(t, services, "deployment/"+subscriber)
}
