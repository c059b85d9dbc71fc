package servers

import (
	"strings"
)

// HAProxy is set up as by both of its Ingress controllers, whose defaults are alike.
// (Kubernetes takes out those that are not ready; here the checks do.)
var HAProxy = ProxyProgram{
	Name:      "haproxy",
	arguments: []string{"-db", "-f", "config"},
	values:    "haproxy.yaml",
	translate: haproxySetting,
	silence: map[string]string{
		"haproxy.org/timeout-server":               "%ds",
		"haproxy-ingress.github.io/timeout-server": "%ds",
	},
	config: `
defaults
	mode http
	option forwardfor
	option redispatch
	timeout http-request 5s
	timeout connect 5s
	timeout client {{.Patience}}s
	timeout queue 5s
	timeout tunnel 1h
	timeout http-keep-alive 1m

frontend host
	bind {{.Plain}}
	bind {{.Secure}} ssl crt both.pem alpn h2,http/1.1
	use_backend gateway if { path_beg /contact.v1.SubmitService/ /persons /datas/number }
	default_backend subscriber

backend gateway
	{{- range .Settings}}
	{{.}}
	{{- end}}
	server gateway {{.Gateway}} check proto h2

backend subscriber
	{{- range .Settings}}
	{{.}}
	{{- end}}
	balance roundrobin
	{{- range $i, $address := .Subscribers}}
	server subscriber{{$i}} {{$address}} check proto h2
	{{- end}}
`,
}

func haproxySetting(annotation, value string) (lines []string, known bool) {
	controller, name, _ := strings.Cut(annotation, "/")

	switch {
	case controller != "haproxy.org" && controller != "haproxy-ingress.github.io":
		return nil, false
	case name == "server-proto" || name == "backend-protocol":
		return nil, value == "h2" // which is what the servers have
	case name == "proxy-body-size":
		return nil, value == "unlimited" // which is nothing to say
	case name == "timeout-server":
		return []string{"timeout server " + value}, true
	default:
		return nil, false
	}
}
