{{/* What the gateway serves, by path; everything else is the subscriber's. */}}
{{- define "rollcall.gatewayPaths" -}}
- /contact.v1.SubmitService
- /persons
- /datas/number
{{- end -}}
