// Package k8stest holds together what is said of one thing in more than one place.
package k8stest

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.yaml.in/yaml/v3"

	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

// streamSpec is what of NACK's Stream we set. A setting that the template has and this
// has not fails the test, so that none goes uncompared.
type streamSpec struct {
	Name               string            `yaml:"name"`
	Description        string            `yaml:"description"`
	Subjects           []string          `yaml:"subjects"`
	Replicas           int               `yaml:"replicas"`
	Storage            string            `yaml:"storage"`
	MaxBytes           int64             `yaml:"maxBytes"`
	MaxAge             string            `yaml:"maxAge"`
	Discard            string            `yaml:"discard"`
	DuplicateWindow    string            `yaml:"duplicateWindow"`
	AllowDirect        bool              `yaml:"allowDirect"`
	AllowAtomicPublish bool              `yaml:"allowAtomicPublish"`
	Metadata           map[string]string `yaml:"metadata"`
	// For NACK alone.
	PreventDelete bool `yaml:"preventDelete"`
}

// chartStream is what the chart tells --create-stream.
type chartStream struct {
	Name            string `yaml:"name"`
	Subject         string `yaml:"subject"`
	Create          bool   `yaml:"create"`
	Replicas        int    `yaml:"replicas"`
	Storage         string `yaml:"storage"`
	MaxBytes        string `yaml:"maxBytes"`
	MaxAge          string `yaml:"maxAge"`
	Discard         string `yaml:"discard"`
	DuplicateWindow string `yaml:"duplicateWindow"`
}

// TestNACKMakesTheStreamThatWeMake compares the stream that the role messaging has NACK
// make with the one that the chart has `rollcall --create-stream` make: both by their
// defaults, and as NATS says that they are.
func TestNACKMakesTheStreamThatWeMake(t *testing.T) {
	t.Parallel()

	var values struct {
		Stream chartStream `yaml:"stream"`
	}
	readYAML(t, "../chart/values.yaml", &values)

	_, spec := renderStream(t, nil)
	if spec.Replicas != values.Stream.Replicas {
		t.Errorf("replicas: Stream has %d, the chart %d", spec.Replicas, values.Stream.Replicas)
	}

	if ours, nacks := makeOurs(t, values.Stream).Config, makeNACKs(t, spec).Config; !reflect.DeepEqual(ours, nacks) {
		t.Errorf("--create-stream makes\n%+v\nand NACK\n%+v", ours, nacks)
	}

	if !spec.PreventDelete {
		t.Error("preventDelete: the persons must outlive the resource")
	}
}

// TestEpochIsSetByProperties sees that the property has the effect of new-epoch.
func TestEpochIsSetByProperties(t *testing.T) {
	t.Parallel()

	const epoch = "restored 2026-01-31"

	_, spec := renderStream(t, map[string]string{"stream_epoch": epoch})

	info := makeNACKs(t, spec)
	if got := stream.Epoch(info); got != epoch {
		t.Errorf("the stream's epoch is %q, not %q", got, epoch)
	}
}

func makeOurs(t *testing.T, c chartStream) *jetstream.StreamInfo {
	t.Helper()

	if c.MaxBytes != "unlimited" {
		t.Fatalf("maxBytes %q: this test knows unlimited only", c.MaxBytes)
	}

	_, js := streamtest.Start(t).Connect()

	if err := stream.CreateIfAbsent(t.Context(), js, stream.Config{
		Name: c.Name, Subject: c.Subject, Storage: storage(t, c.Storage), Discard: discard(t, c.Discard),
		MaxBytes: -1, MaxAge: duration(t, c.MaxAge), DuplicateWindow: duration(t, c.DuplicateWindow),
		Replicas: 1, // of the one server there is
	}); err != nil {
		t.Fatal(err)
	}

	return infoOf(t, js, c.Name)
}

// makeNACKs does with the spec what NACK does.
func makeNACKs(t *testing.T, s streamSpec) *jetstream.StreamInfo {
	t.Helper()

	_, js := streamtest.Start(t).Connect()

	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
		Name: s.Name, Description: s.Description, Subjects: s.Subjects,
		Storage: storage(t, s.Storage), Discard: discard(t, s.Discard),
		MaxBytes: s.MaxBytes, MaxAge: duration(t, s.MaxAge), Duplicates: duration(t, s.DuplicateWindow),
		AllowDirect: s.AllowDirect, AllowAtomicPublish: s.AllowAtomicPublish, Metadata: s.Metadata,
		Replicas: 1,
		// Defaults of the CRD.
		Retention: jetstream.LimitsPolicy, MaxConsumers: -1, MaxMsgs: -1, MaxMsgSize: -1,
	}); err != nil {
		t.Fatal(err)
	}

	return infoOf(t, js, s.Name)
}

func infoOf(t *testing.T, js jetstream.JetStream, name string) *jetstream.StreamInfo {
	t.Helper()

	s, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}

	return s.CachedInfo()
}

var (
	onlyIf   = regexp.MustCompile(`(?s)\{% if (\w+) %\}\n(.*?)\{% endif %\}\n`)
	variable = regexp.MustCompile(`\{\{ (\w+) \}\}`)
)

// renderStream is the template with the properties, and what changes them, as a text and
// as what it says. It knows as much of Jinja as the template needs.
func renderStream(t *testing.T, changes map[string]string) (string, streamSpec) {
	t.Helper()

	properties := map[string]any{}
	readYAML(t, "../ansible/env/properties.yaml", properties)

	for name, value := range changes {
		properties[name] = value
	}

	value := func(name string) string {
		v, ok := properties[name]
		if !ok {
			t.Fatalf("%s is no property", name)
		}

		text, err := yaml.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}

		return strings.Trim(string(text), "\"\n")
	}

	text := onlyIf.ReplaceAllStringFunc(read(t, "../ansible/roles/messaging/templates/stream.yaml.j2"), func(block string) string {
		if parts := onlyIf.FindStringSubmatch(block); value(parts[1]) != "" {
			return parts[2]
		}

		return ""
	})
	text = variable.ReplaceAllStringFunc(text, func(v string) string { return value(variable.FindStringSubmatch(v)[1]) })

	if strings.ContainsAny(text, "%") || strings.Contains(text, "{{") {
		t.Fatalf("more of Jinja than this test knows:\n%s", text)
	}

	var resource struct {
		APIVersion string            `yaml:"apiVersion"`
		Kind       string            `yaml:"kind"`
		Metadata   map[string]string `yaml:"metadata"`
		Spec       streamSpec        `yaml:"spec"`
	}

	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)

	if err := decoder.Decode(&resource); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}

	return text, resource.Spec
}

func read(t *testing.T, path string) string {
	t.Helper()

	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	return string(text)
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()

	if err := yaml.Unmarshal([]byte(read(t, path)), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func storage(t *testing.T, text string) (s jetstream.StorageType) {
	t.Helper()
	fromJSON(t, &s, text)

	return s
}

func discard(t *testing.T, text string) (d jetstream.DiscardPolicy) {
	t.Helper()
	fromJSON(t, &d, text)

	return d
}

func fromJSON(t *testing.T, into interface{ UnmarshalJSON(text []byte) error }, text string) {
	t.Helper()

	if err := into.UnmarshalJSON([]byte(`"` + text + `"`)); err != nil {
		t.Fatal(err)
	}
}

func duration(t *testing.T, text string) time.Duration {
	t.Helper()

	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}

	return d
}
