package k8stest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what the chart makes to testdata/chart, to be looked at and committed")

// TestChartMakesWhatItMade compares what comes of some values with what was looked at
// when it was last changed: testdata/chart/NAME.yaml of NAME.values.yaml.
func TestChartMakesWhatItMade(t *testing.T) {
	for _, values := range chartCases(t) {
		t.Run(values.name, func(t *testing.T) {
			file := filepath.Join("testdata", "chart", values.name+".yaml")

			options := values.options
			if strings.HasPrefix(values.name, "ingress-") { // the rest is as by default
				options = append(options, "--show-only", "templates/ingress.yaml", "--show-only", "templates/service.yaml")
			}

			made := mustRender(t, options...)

			if *update {
				if err := os.WriteFile(file, []byte(made), 0o600); err != nil {
					t.Fatal(err)
				}
			}

			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}

			if diff := cmp.Diff(string(want), made); diff != "" {
				t.Errorf("looked at (-) and made (+) differ; if it should, run go test -update and look at the change:\n%s", diff)
			}
		})
	}
}

func TestChartHasNoFindings(t *testing.T) {
	for _, values := range chartCases(t) {
		if _, err := helm(t, append([]string{"lint", "--strict", chart}, values.options...)...); err != nil {
			t.Errorf("%s: %v", values.name, err)
		}
	}
}

func TestWrongValuesAreRefused(t *testing.T) {
	for set, says := range map[string][]string{
		"gatway.replicas=3":                                  {"gatway", "additional properties"},
		"gateway.replicas=three":                             {"/gateway/replicas", "want integer"},
		"gateway.replicas=-1":                                {"/gateway/replicas", "minimum"},
		"subscriber.flags.listen=:1":                         {"propertyName 'listen'"},
		"image.pullPolicy=Sometimes":                         {"/image/pullPolicy", "'Always'"},
		"nats.url=nats.messaging:4222":                       {"/nats/url", "does not match pattern"},
		"nats.tls.cert=tls.crt":                              {"/nats/tls/key"},
		"stream.discard=newest":                              {"/stream/discard", "'new'"},
		"stream.replicas=6":                                  {"/stream/replicas", "maximum"},
		"stream.duplicateWindow=ten":                         {"/stream/duplicateWindow"},
		"stream.maxBytes=much":                               {"/stream/maxBytes"},
		"ingress.host=https://x.org/":                        {"/ingress/host"},
		"gatewayAPI.httpRoute.enabled=true":                  {"/gatewayAPI/parentRefs", "minItems"},
		"service.port=0":                                     {"/service/port"},
		"nats.credentials.value=x,nats.credentials.secret=y": {"not both"},
		"gatewayAPI.parentRefs[0].name=g,gatewayAPI.httpRoute.enabled=true,gatewayAPI.grpcRoute.enabled=true": {
			"need hostnames",
		},
		"gatewayAPI.parentRefs[0].name=g,gatewayAPI.httpRoute.enabled=true,gatewayAPI.grpcRoute.enabled=true," +
			"gatewayAPI.httpRoute.hostnames[0]=a.org,gatewayAPI.grpcRoute.hostnames[0]=a.org": {"a.org is among the hostnames"},
	} {
		t.Run(set, func(t *testing.T) {
			_, err := render(t, "--set", set)
			if err == nil {
				t.Fatal("it was taken")
			}

			for _, part := range says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("no %q in what is said:\n%v", part, err)
				}
			}
		})
	}
}

// chartCase is some values that are tried, and Helm's options with which they are given.
type chartCase struct {
	name    string
	options []string
}

// chartCases are those of testdata, and what the chart has for each ingress controller.
func chartCases(t *testing.T) []chartCase {
	t.Helper()

	var cases []chartCase

	for _, pattern := range []string{"testdata/chart/*.values.yaml", "../chart/ingress/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no values to try at %s (%v)", pattern, err)
		}

		for _, file := range files {
			name, given := strings.CutSuffix(filepath.Base(file), ".values.yaml")
			if given {
				cases = append(cases, chartCase{name, []string{"--values", file}})
				continue
			}

			name = "ingress-" + strings.TrimSuffix(name, ".yaml")
			cases = append(cases, chartCase{name, []string{"--values", file, "--set", "ingress.host=rollcall.example.org"}})
		}
	}

	return cases
}
