package servers

import (
	"bytes"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"text/template"

	"go.yaml.in/yaml/v3"
	"google.golang.org/grpc/credentials"

	"rollcall/e2e/programs"
	"rollcall/e2e/wait"
	"rollcall/internal/stream/streamtest"
)

// ProxyProgram is a reverse proxy as an Ingress controller sets it up for one host.
type ProxyProgram struct {
	// Name is that of its command.
	Name      string
	arguments []string
	// config is a template over proxyConfig.
	config string
	// values is the file, beside the chart, that has its annotations.
	values string
	// translate gives the lines that the controller makes of an annotation; it is
	// false for what is not known here.
	translate func(annotation, value string) (lines []string, known bool)
	// silence are the annotations that say how long a response may be silent, with
	// room for a number of seconds.
	silence map[string]string
}

// proxyConfig is what a proxy's configuration is made from.
type proxyConfig struct {
	Plain, Secure, Gateway string // addresses
	Subscribers            []string
	// Settings are what the annotations are translated to.
	Settings []string
	// Patience is how many seconds the controller gives clients.
	Patience int
}

// Proxy is a reverse proxy before the services, in a process of its own, that comes
// back at the same addresses.
type Proxy struct {
	*programs.Process

	command func() *exec.Cmd
	// Plain and Secure are the services as they are seen through it: by HTTP/1.1
	// without TLS, by HTTP/1.1 and HTTP/2 with it.
	Plain, Secure *Server
	// Trusting is an HTTP client by HTTP/2.
	Trusting *http.Client
}

// StartProxy starts a proxy with the chart's annotations, and with the controller's
// defaults for all else.
func StartProxy(t *testing.T, program ProxyProgram, gateway *Server, subscribers ...*Server) *Proxy {
	t.Helper()

	const patience = 60

	return startProxy(t, program, patience, nil, gateway, subscribers)
}

// StartImpatientProxy starts one for which a response may be silent for so many
// seconds.
func StartImpatientProxy(t *testing.T, program ProxyProgram, seconds int, gateway *Server, subscribers ...*Server) *Proxy {
	t.Helper()

	annotations := map[string]string{}
	for annotation, format := range program.silence {
		annotations[annotation] = fmt.Sprintf(format, seconds)
	}

	return startProxy(t, program, seconds, annotations, gateway, subscribers)
}

// startProxy takes these annotations in place of the chart's.
func startProxy(t *testing.T, program ProxyProgram, patience int, annotations map[string]string, gateway *Server, subscribers []*Server) *Proxy {
	t.Helper()
	programs.NeedCommand(t, program.Name)

	dir := t.TempDir()
	trusted := writeCertificate(t, dir)
	p := &Proxy{
		Plain:    &Server{URL: fmt.Sprintf("http://127.0.0.1:%d", streamtest.LastingPort(t))},
		Secure:   &Server{URL: fmt.Sprintf("https://127.0.0.1:%d", streamtest.LastingPort(t)), Certificate: filepath.Join(dir, "certificate.pem")},
		Trusting: &http.Client{Transport: &http.Transport{TLSClientConfig: trusted, ForceAttemptHTTP2: true}},
	}
	p.Secure.Conn = Dial(t, p.Secure.Address(), credentials.NewTLS(trusted))
	p.command = func() *exec.Cmd {
		command := exec.Command(program.Name, program.arguments...)
		command.Dir = dir

		return command
	}

	config := proxyConfig{
		Plain: p.Plain.Address(), Secure: p.Secure.Address(), Gateway: gateway.Address(),
		Settings: program.settings(t, annotations), Patience: patience,
	}
	for _, subscriber := range subscribers {
		config.Subscribers = append(config.Subscribers, subscriber.Address())
	}

	var text bytes.Buffer
	if err := template.Must(template.New("config").Parse(program.config)).Execute(&text, config); err != nil {
		t.Fatal(err)
	}

	writeFile(t, filepath.Join(dir, "config"), text.Bytes())
	p.Start(t)

	return p
}

// Start starts the proxy, again if it has ended, and returns when it listens.
func (p *Proxy) Start(t *testing.T) {
	t.Helper()

	p.Process = programs.Start(t, p.command())

	for _, s := range []*Server{p.Plain, p.Secure} {
		wait.For(t, func() error {
			if p.HasEnded() {
				t.Fatal("the proxy has ended")
			}

			conn, err := net.Dial("tcp", s.Address())
			if err == nil {
				conn.Close()
			}

			return err
		})
	}
}

// settings translates the annotations that the chart has for a proxy: what is tried
// here is what is installed there. Some may be replaced.
func (p ProxyProgram) settings(t *testing.T, replaced map[string]string) []string {
	t.Helper()

	annotations := chartAnnotations(t, p.values)

	for annotation, value := range replaced {
		if _, found := annotations[annotation]; !found {
			t.Fatalf("%s has no %s to replace", p.values, annotation)
		}

		annotations[annotation] = value
	}

	var settings []string

	for _, annotation := range slices.Sorted(maps.Keys(annotations)) {
		lines, known := p.translate(annotation, annotations[annotation])
		if !known {
			t.Fatalf("%s: what does a controller make of %s: %s?", p.values, annotation, annotations[annotation])
		}

		settings = append(settings, lines...)
	}

	return settings
}

func chartAnnotations(t *testing.T, file string) map[string]string {
	t.Helper()

	text, err := os.ReadFile(filepath.Join(programs.Root, "k8s", "chart", "ingress", file))
	if err != nil {
		t.Fatal(err)
	}

	var values struct {
		Ingress struct {
			Enabled     bool
			ClassName   string `yaml:"className"`
			TLS         struct{ Enabled bool }
			Annotations map[string]string
		}
	}

	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true) // what is not looked at here is not tried either

	if err := decoder.Decode(&values); err != nil {
		t.Fatalf("%s: %v", file, err)
	}

	if !values.Ingress.Enabled || !values.Ingress.TLS.Enabled || len(values.Ingress.Annotations) == 0 {
		t.Fatalf("%s: %+v", file, values)
	}

	return values.Ingress.Annotations
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()

	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
