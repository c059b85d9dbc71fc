package streamtest

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream"
)

// clusterSize is how many nodes there are: one may be away.
const clusterSize = 3

// Cluster is three NATS servers with JetStream, each in a process of its own that a
// test may kill, freeze and start again.
type Cluster struct {
	Nodes []*Node

	tb testing.TB
}

// StartCluster starts a cluster that ends with the test. The package's TestMain
// must call [RunNode].
func StartCluster(tb testing.TB) *Cluster {
	tb.Helper()
	c := &Cluster{tb: tb}
	dir := tb.TempDir()
	for i := range clusterSize {
		c.Nodes = append(c.Nodes, &Node{
			Name: fmt.Sprintf("node-%d", i+1), tb: tb, dir: filepath.Join(dir, strconv.Itoa(i+1)),
			client: LastingPort(tb), route: LastingPort(tb), monitor: LastingPort(tb),
		})
	}
	for _, n := range c.Nodes {
		c.configure(n)
		tb.Cleanup(n.Kill)
		n.Start()
	}
	Eventually(tb, "the cluster has a leader and all its nodes", c.whole)
	return c
}

// configure writes the node's configuration.
func (c *Cluster) configure(n *Node) {
	c.tb.Helper()
	routes := make([]string, len(c.Nodes))
	for i, other := range c.Nodes {
		routes[i] = fmt.Sprintf("nats://127.0.0.1:%d", other.route)
	}
	text := fmt.Sprintf(`server_name: %s
listen: "127.0.0.1:%d"
http: "127.0.0.1:%d"
log_file: %q
jetstream { store_dir: %q }
cluster {
  name: streamtest
  listen: "127.0.0.1:%d"
  routes: [ %s ]
}
`, n.Name, n.client, n.monitor, filepath.Join(n.dir, "log"), filepath.Join(n.dir, "jetstream"), n.route, strings.Join(routes, ", "))
	if err := os.MkdirAll(n.dir, 0o750); err != nil {
		c.tb.Fatal(err)
	}
	if err := os.WriteFile(n.config(), []byte(text), 0o600); err != nil {
		c.tb.Fatal(err)
	}
}

// URL is all nodes' addresses with commas between.
func (c *Cluster) URL() string {
	all := make([]string, len(c.Nodes))
	for i, n := range c.Nodes {
		all[i] = n.URL()
	}
	return strings.Join(all, ",")
}

// Connect connects to the cluster as rollcall does, until the test ends.
func (c *Cluster) Connect() (*nats.Conn, jetstream.JetStream) {
	c.tb.Helper()
	return connect(c.tb, c.URL(), slog.New(slog.DiscardHandler))
}

// Config describes a stream on all nodes.
func (c *Cluster) Config() stream.Config {
	cfg := Config()
	cfg.Replicas = clusterSize
	return cfg
}

// Leader returns the node that leads the stream.
func (c *Cluster) Leader(js jetstream.JetStream) *Node {
	c.tb.Helper()
	var leader *Node
	Eventually(c.tb, "the stream has a leader", func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s, err := js.Stream(ctx, Name)
		if err != nil || s.CachedInfo().Cluster == nil {
			return false
		}
		leader = c.named(s.CachedInfo().Cluster.Leader)
		return leader != nil && leader.Running()
	})
	return leader
}

// MetaLeader returns the node that leads the cluster: it places streams and consumers.
func (c *Cluster) MetaLeader() *Node {
	c.tb.Helper()
	var leader *Node
	Eventually(c.tb, "the cluster has a leader", func() bool {
		for _, n := range c.Nodes {
			if leader = c.named(n.state().Meta.Leader); leader != nil && leader.Running() {
				return true
			}
		}
		return false
	})
	return leader
}

// Settle waits until every node runs and has all of the stream.
func (c *Cluster) Settle(js jetstream.JetStream) {
	c.tb.Helper()
	Eventually(c.tb, "the cluster is whole", c.whole)
	Eventually(c.tb, "every node has all of the stream", func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s, err := js.Stream(ctx, Name)
		if err != nil || s.CachedInfo().Cluster == nil || s.CachedInfo().Cluster.Leader == "" {
			return false
		}
		current := 1
		for _, replica := range s.CachedInfo().Cluster.Replicas {
			if replica.Current && !replica.Offline {
				current++
			}
		}
		return current == clusterSize
	})
}

func (c *Cluster) named(name string) *Node {
	for _, n := range c.Nodes {
		if n.Name == name {
			return n
		}
	}
	return nil
}

// whole reports whether all nodes know the same leader and each other.
func (c *Cluster) whole() bool {
	leader := c.Nodes[0].state().Meta.Leader
	for _, n := range c.Nodes {
		state := n.state()
		if state.Meta.Leader == "" || state.Meta.Leader != leader {
			return false
		}
		if n.Name != leader {
			continue
		}
		for _, peer := range state.Meta.Replicas {
			if peer.Offline || !peer.Current {
				return false
			}
		}
		if len(state.Meta.Replicas) != clusterSize-1 {
			return false
		}
	}
	return true
}

// nodeState is what a node says of itself.
type nodeState struct {
	Meta struct {
		Leader   string `json:"leader"`
		Replicas []struct {
			Current bool `json:"current"`
			Offline bool `json:"offline"`
		} `json:"replicas"`
	} `json:"meta_cluster"` //nolint:tagliatelle // NATS's own
}

// state asks the node; what can't be asked knows nothing.
func (n *Node) state() (state nodeState) {
	if !n.Running() {
		return nodeState{}
	}
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d/jsz", n.monitor)) //nolint:noctx // it has a timeout
	if err != nil {
		return nodeState{}
	}
	defer response.Body.Close()
	if json.NewDecoder(response.Body).Decode(&state) != nil {
		return nodeState{}
	}
	return state
}
