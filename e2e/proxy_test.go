package e2e

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"text/template"
	"time"

	"go.yaml.in/yaml/v3"
	"google.golang.org/grpc/credentials"
)

// proxyProgram is a reverse proxy as an Ingress controller sets it up for one host.
type proxyProgram struct {
	name      string
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

// proxy is a reverse proxy before the services, in a process of its own, that comes
// back at the same addresses.
type proxy struct {
	*process

	command func() *exec.Cmd
	// plain and secure are the services as they are seen through it: by HTTP/1.1
	// without TLS, by HTTP/1.1 and HTTP/2 with it.
	plain, secure *server
	// trusting is an HTTP client by HTTP/2.
	trusting *http.Client
}

// startProxy starts a proxy with the chart's annotations, and with the controller's
// defaults for all else.
func startProxy(t *testing.T, program proxyProgram, s *services) *proxy {
	t.Helper()

	const patience = 60

	return startProxyWith(t, program, s, patience, nil)
}

// startProxyWith takes these annotations in place of the chart's.
func startProxyWith(t *testing.T, program proxyProgram, s *services, patience int, annotations map[string]string) *proxy {
	t.Helper()
	needCommand(t, program.name)

	dir := t.TempDir()
	trusted := writeCertificate(t, dir)
	p := &proxy{
		plain:    &server{url: fmt.Sprintf("http://127.0.0.1:%d", lastingPort(t))},
		secure:   &server{url: fmt.Sprintf("https://127.0.0.1:%d", lastingPort(t)), certificate: filepath.Join(dir, "certificate.pem")},
		trusting: &http.Client{Transport: &http.Transport{TLSClientConfig: trusted, ForceAttemptHTTP2: true}},
	}
	p.secure.conn = dial(t, p.secure.address(), credentials.NewTLS(trusted))
	p.command = func() *exec.Cmd {
		command := exec.Command(program.name, program.arguments...)
		command.Dir = dir

		return command
	}

	config := proxyConfig{
		Plain: p.plain.address(), Secure: p.secure.address(), Gateway: s.gateway.address(),
		Settings: program.settings(t, annotations), Patience: patience,
	}
	for _, subscriber := range s.subscribers {
		config.Subscribers = append(config.Subscribers, subscriber.address())
	}

	var text bytes.Buffer
	if err := template.Must(template.New("config").Parse(program.config)).Execute(&text, config); err != nil {
		t.Fatal(err)
	}

	writeFile(t, filepath.Join(dir, "config"), text.Bytes())
	p.start(t)

	return p
}

// start starts the proxy, again if it has ended, and returns when it listens.
func (p *proxy) start(t *testing.T) {
	t.Helper()

	p.process = start(t, p.command())

	for _, s := range []*server{p.plain, p.secure} {
		eventually(t, func() error {
			if p.hasEnded() {
				t.Fatalf("the proxy has ended with %v", p.process.command.ProcessState)
			}

			conn, err := net.Dial("tcp", s.address())
			if err == nil {
				conn.Close()
			}

			return err
		})
	}
}

// settings translates the annotations that the chart has for a proxy: what is tried
// here is what is installed there. Some may be replaced.
func (p proxyProgram) settings(t *testing.T, replaced map[string]string) []string {
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

	text, err := os.ReadFile(filepath.Join(root, "k8s", "chart", "ingress", file))
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

// writeCertificate writes a certificate for this host, alone and after its key, and
// returns how to trust it.
func writeCertificate(t *testing.T, dir string) *tls.Config {
	t.Helper()

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}

	certificate := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "rollcall"}, // OpenSSL finds no issuer without a name
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}

	signed, err := x509.CreateCertificate(rand.Reader, certificate, certificate, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}

	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}

	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})
	writeFile(t, filepath.Join(dir, "certificate.pem"), public)
	writeFile(t, filepath.Join(dir, "both.pem"), append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), public...))

	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(public)

	return &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12}
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()

	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
