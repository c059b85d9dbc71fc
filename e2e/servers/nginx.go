package servers

import (
	"strings"
)

// Nginx is set up as ingress-nginx does it: its template's location, with its
// defaults where no annotation says otherwise. (Each of its endpoints is a server
// that is always tried; Kubernetes takes out those that are not ready.)
var Nginx = ProxyProgram{
	Name:      "nginx",
	arguments: []string{"-p", ".", "-c", "config", "-e", "stderr"},
	values:    "nginx.yaml",
	translate: nginxSetting,
	silence:   map[string]string{"nginx.ingress.kubernetes.io/proxy-read-timeout": "%d"},
	config: `
daemon off;
master_process off; # a kill shall end all of it
pid pid;
error_log stderr warn;
events {}

http {
	access_log off;
	client_body_temp_path temp-body;
	proxy_temp_path temp-proxy;
	fastcgi_temp_path temp-fastcgi;
	uwsgi_temp_path temp-uwsgi;
	scgi_temp_path temp-scgi;

	client_header_timeout {{.Patience}}s;
	client_body_timeout {{.Patience}}s;
	send_timeout {{.Patience}}s;
	keepalive_timeout {{.Patience}}s;
	keepalive_requests 1000;
	http2_max_concurrent_streams 128;
	client_body_buffer_size 8k;
	reset_timedout_connection on;

	map $http_upgrade $connection_upgrade {
		default upgrade;
		'' '';
	}

	upstream gateway {
		server {{.Gateway}} max_fails=0;
		keepalive 320;
	}
	upstream subscriber {
		{{- range .Subscribers}}
		server {{.}} max_fails=0;
		{{- end}}
		keepalive 320;
	}

	server {
		listen {{.Plain}};
		listen {{.Secure}} ssl http2;
		ssl_certificate certificate.pem;
		ssl_certificate_key both.pem;

		grpc_set_header Host $http_host;
		grpc_set_header Upgrade $http_upgrade;
		grpc_set_header Connection $connection_upgrade;
		grpc_set_header X-Request-ID $request_id;
		grpc_set_header X-Real-IP $remote_addr;
		grpc_set_header X-Forwarded-For $remote_addr;
		grpc_set_header X-Forwarded-Host $http_host;
		grpc_set_header X-Forwarded-Port $server_port;
		grpc_set_header X-Forwarded-Proto $scheme;
		grpc_set_header X-Forwarded-Scheme $scheme;
		grpc_set_header X-Scheme $scheme;
		grpc_set_header Proxy "";
		grpc_connect_timeout 5s;
		{{- range .Settings}}
		{{.}};
		{{- end}}

		location /contact.v1.SubmitService/ { grpc_pass grpc://gateway; }
		location /persons { grpc_pass grpc://gateway; }
		location /datas/number { grpc_pass grpc://gateway; }
		location / { grpc_pass grpc://subscriber; }
	}
}
`,
}

func nginxSetting(annotation, value string) (lines []string, known bool) {
	name, ours := strings.CutPrefix(annotation, "nginx.ingress.kubernetes.io/")

	switch {
	case !ours:
		return nil, false
	case name == "backend-protocol":
		return nil, value == "GRPC" // which is what the locations have
	case name == "proxy-body-size":
		return []string{"client_max_body_size " + value}, true
	case name == "proxy-read-timeout":
		return []string{"grpc_read_timeout " + value + "s"}, true
	case name == "proxy-send-timeout":
		return []string{"grpc_send_timeout " + value + "s"}, true
	default:
		return nil, false
	}
}
