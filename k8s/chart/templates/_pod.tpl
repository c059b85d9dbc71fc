{{/* The pod of a role: .root, .role and the role's .values. */}}
{{- define "rollcall.pod" -}}
{{- $v := .root.Values -}}
{{- $credentials := include "rollcall.credentials" .root -}}
{{- $tls := $v.nats.tls -}}
serviceAccountName: {{ include "rollcall.serviceAccount" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with $v.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
# The drain, the server's own 10 s, and time to say what was cut off.
terminationGracePeriodSeconds: {{ add $v.drainSeconds 15 }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: {type: RuntimeDefault}
containers:
  - name: {{ .role }}
    image: "{{ $v.image.repository }}:{{ $v.image.tag | default .root.Chart.AppVersion }}"
    imagePullPolicy: {{ $v.image.pullPolicy }}
    args: {{- include "rollcall.args" . | nindent 6 }}
    ports:
      - {name: http, containerPort: 8080}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
    resources: {{- toYaml .values.resources | nindent 6 }}
    # A subscriber fills its memory from the stream before it is ready.
    startupProbe:
      httpGet: {path: /livez, port: http}
      periodSeconds: 1
      failureThreshold: 60
    livenessProbe:
      httpGet: {path: /livez, port: http}
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    readinessProbe:
      httpGet: {path: /readyz, port: http}
      periodSeconds: 2
      timeoutSeconds: 2
    {{- if $v.drainSeconds }}
    lifecycle:
      preStop:
        sleep: {seconds: {{ $v.drainSeconds }}}
    {{- end }}
    {{- if or $credentials $tls.secret }}
    volumeMounts:
      {{- if $credentials }}
      - {name: credentials, mountPath: /nats/credentials, readOnly: true}
      {{- end }}
      {{- if $tls.secret }}
      - {name: tls, mountPath: /nats/tls, readOnly: true}
      {{- end }}
    {{- end }}
{{- if or $credentials $tls.secret }}
volumes:
  {{- if $credentials }}
  - name: credentials
    secret: {secretName: {{ $credentials }}, defaultMode: 0440}
  {{- end }}
  {{- if $tls.secret }}
  - name: tls
    secret: {secretName: {{ $tls.secret }}, defaultMode: 0440}
  {{- end }}
{{- end }}
topologySpreadConstraints:
  {{- with .values.topologySpread }}
  {{- toYaml . | nindent 2 }}
  {{- else }}
  {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - topologyKey: {{ $key }}
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "rollcall.selector" $.root | nindent 8 }}
        app.kubernetes.io/component: {{ $.role }}
  {{- end }}
  {{- end }}
{{- with .values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{- define "rollcall.args" -}}
{{- $v := .root.Values -}}
{{- $tls := $v.nats.tls -}}
- {{ .role }}
- --listen=:8080
- --nats={{ $v.nats.url }}
{{- if include "rollcall.credentials" .root }}
- --nats-creds=/nats/credentials/{{ $v.nats.credentials.key }}
{{- end }}
{{- if $tls.secret }}
{{- with $tls.ca }}
- --nats-ca=/nats/tls/{{ . }}
{{- end }}
{{- with $tls.cert }}
- --nats-cert=/nats/tls/{{ . }}
- --nats-key=/nats/tls/{{ $tls.key }}
{{- end }}
{{- end }}
- --stream={{ $v.stream.name }}
- --subject={{ $v.stream.subject }}
{{- if $v.stream.create }}
- --create-stream
- --replicas={{ $v.stream.replicas }}
- --storage={{ $v.stream.storage }}
- --max-bytes={{ $v.stream.maxBytes }}
- --max-age={{ $v.stream.maxAge }}
- --discard={{ $v.stream.discard }}
- --duplicate-window={{ $v.stream.duplicateWindow }}
{{- end }}
{{- range $flag, $value := .values.flags }}
- --{{ $flag }}={{ $value }}
{{- end }}
{{- end -}}
