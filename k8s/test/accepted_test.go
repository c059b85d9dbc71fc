package k8stest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// definitions are the kinds that are not Kubernetes' own, and what they belong to.
var definitions = map[string]string{
	"HTTPRoute": "httproutes.gateway.networking.k8s.io",
	"GRPCRoute": "grpcroutes.gateway.networking.k8s.io",
	"Stream":    "streams.jetstream.nats.io",
}

// accepts has the API server check all that the chart can make, and NACK's Stream.
func (c *cluster) accepts(t *testing.T) {
	t.Helper()

	text, _ := renderStream(t, nil)
	all := []string{text}

	for _, values := range chartCases(t) {
		// Under another name, beside what is installed.
		rendered := mustRender(t, append(values.options, "--name-template", "another")...)
		all = append(all, strings.Split(rendered, "\n---\n")...)
	}

	checked := 0

	for _, object := range all {
		if kind := kindOf(t, object).Kind; kind == "" || !c.knows(t, kind) {
			continue
		}

		file := filepath.Join(t.TempDir(), "object.yaml")
		if err := os.WriteFile(file, []byte(object), 0o600); err != nil {
			t.Fatal(err)
		}

		if _, err := try(t.Context(), "kubectl", "--context", c.context, "--namespace", services,
			"create", "--dry-run=server", "--validate=strict", "--filename", file); err != nil {
			t.Errorf("%v\n%s", err, object)
		}

		checked++
	}

	t.Logf("%d objects are as the API server wants them", checked)
}

// knows tells whether the cluster has the kind, and says when it has not.
func (c *cluster) knows(t *testing.T, kind string) bool {
	t.Helper()

	definition, defined := definitions[kind]
	if !defined {
		return true
	}

	_, err := try(t.Context(), "kubectl", "--context", c.context, "get", "customresourcedefinition", definition)
	if err != nil {
		t.Logf("NOT CHECKED: a %s, since the cluster has no %s", kind, definition)
	}

	return err == nil
}
