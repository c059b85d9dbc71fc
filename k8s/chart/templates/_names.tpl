{{/* The release's objects are named after it, and once only where it is named after the chart. */}}
{{- define "rollcall.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{- define "rollcall.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "rollcall.labels" -}}
{{ include "rollcall.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "rollcall.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "rollcall.fullname" .) }}
{{- end -}}

{{/* The Secret with NATS credentials; empty for none. */}}
{{- define "rollcall.credentials" -}}
{{- with .Values.nats.credentials -}}
{{- if .value -}}
{{ include "rollcall.fullname" $ }}-nats
{{- else -}}
{{ .secret }}
{{- end -}}
{{- end -}}
{{- end -}}
