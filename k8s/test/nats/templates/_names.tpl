{{- define "selector" -}}
app.kubernetes.io/name: nats
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "replicas" -}}
{{- ternary .Values.config.cluster.replicas 1 .Values.config.cluster.enabled -}}
{{- end -}}
