{{/* Everything that one service needs in a cluster. A chart of a service is this and its values. */}}
{{- define "sagaproof.service" -}}
{{- range $part := list "account" "secret" "services" "workload" "budget" "autoscaling" "network-policy" "mesh" "monitor" "expose" }}
{{- $text := include (printf "sagaproof.%s" $part) $ | trim }}
{{- if $text }}
---
{{ $text }}
{{- end }}
{{- end }}
{{- end }}

{{- define "sagaproof.name" -}}{{ .Chart.Name }}{{- end }}

{{- define "sagaproof.selector" -}}
app.kubernetes.io/name: {{ include "sagaproof.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "sagaproof.labels" -}}
{{ include "sagaproof.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: sagaproof
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "sagaproof.metadata" -}}
name: {{ include "sagaproof.name" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "sagaproof.labels" . | nindent 2 }}
{{- end }}

{{/*
Consumers are static members of their group by the name of their pod. Only a StatefulSet gives a pod the same name
again, so that its partitions are not left waiting for a member that never comes back.
*/}}
{{- define "sagaproof.kind" -}}
{{- if .Values.consumes }}StatefulSet{{ else }}Deployment{{ end }}
{{- end }}

{{- define "sagaproof.image" -}}
{{ .Values.global.imageRegistry }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
