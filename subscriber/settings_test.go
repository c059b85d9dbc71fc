package subscriber_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber"
)

// TestSettingsThatBreakPromisesAreNotReady changes them while the stream is read, or in
// one made anew where JetStream does not let them be changed.
func TestSettingsThatBreakPromisesAreNotReady(t *testing.T) {
	t.Parallel()
	limits := func(c *jetstream.StreamConfig) { c.Retention = jetstream.LimitsPolicy }
	tests := []struct {
		setting      string
		change       func(*jetstream.StreamConfig)
		back         func(*jetstream.StreamConfig)
		unchangeable bool
	}{
		{"retention: interest", func(c *jetstream.StreamConfig) { c.Retention = jetstream.InterestPolicy }, limits, false},
		{"retention: workqueue", func(c *jetstream.StreamConfig) { c.Retention = jetstream.WorkQueuePolicy }, limits, true},
		{"max_consumers: 17", func(c *jetstream.StreamConfig) { c.MaxConsumers = 17 }, func(c *jetstream.StreamConfig) { c.MaxConsumers = -1 }, false},
		{"consumer_limits: inactive_threshold 2s", func(c *jetstream.StreamConfig) { c.ConsumerLimits.InactiveThreshold = 2 * time.Second }, func(c *jetstream.StreamConfig) { c.ConsumerLimits.InactiveThreshold = 0 }, true},
	}
	for _, test := range tests {
		t.Run(test.setting, func(t *testing.T) {
			t.Parallel()
			var said streamtest.Log
			f := newFixture(t)
			r := f.replica(func(c *subscriber.Config) { c.Logger = said.Logger() })
			edit := func(change func(*jetstream.StreamConfig)) {
				t.Helper()
				if test.unchangeable {
					f.remake(change)
					return
				}
				cfg := f.stream().CachedInfo().Config
				change(&cfg)
				if _, err := f.js.UpdateStream(context.Background(), cfg); err != nil {
					t.Fatal(err)
				}
			}
			edit(test.change)
			streamtest.Eventually(t, "it is not ready", func() bool {
				err := r.sub.Ready()
				return err != nil && strings.Contains(err.Error(), test.setting)
			})
			setting, _, _ := strings.Cut(test.setting, ":")
			if !strings.Contains(said.String(), "setting="+setting+" ") {
				t.Errorf("logged:\n%s", said.String())
			}
			edit(test.back)
			streamtest.Eventually(t, "it is ready again", func() bool { return r.sub.Ready() == nil })
		})
	}
}
