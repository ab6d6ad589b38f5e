{{/*
Istio: who may call whom, by the identity of the service account, and no retry of a call that the services retry
themselves: a proxy that repeats a command would hide what the suites check.
*/}}
{{- define "sagaproof.mesh" -}}
{{- if .Values.global.mesh.enabled }}
{{- $name := include "sagaproof.name" . }}
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  {{- include "sagaproof.metadata" . | nindent 2 }}
spec:
  selector:
    matchLabels:
      {{- include "sagaproof.selector" . | nindent 6 }}
  action: ALLOW
  rules:
    {{- if .Values.network.calledBy }}
    - from:
        - source:
            principals:
              {{- range .Values.network.calledBy }}
              - {{ printf "%s/ns/%s/sa/%s" $.Values.global.mesh.trustDomain $.Release.Namespace . }}
              {{- end }}
      to:
        - operation:
            ports: [{{ index .Values.ports .Values.network.calledPort | quote }}]
    {{- end }}
    {{- if .Values.expose }}
    - from:
        - source:
            namespaces: [{{ .Values.global.ingress.namespace }}]
      to:
        - operation:
            ports: [{{ index .Values.ports .Values.expose.port | quote }}]
    {{- end }}
    - from:
        - source:
            namespaces: [{{ .Values.global.monitoring.namespace }}]
      to:
        - operation:
            ports: [{{ .Values.ports.admin | quote }}]
            paths: [/metrics]
{{- if .Values.network.calledBy }}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  {{- include "sagaproof.metadata" . | nindent 2 }}
spec:
  host: {{ $name }}
  trafficPolicy:
    tls:
      mode: ISTIO_MUTUAL
    connectionPool:
      http:
        http2MaxRequests: 1000
    outlierDetection:
      consecutive5xxErrors: 5
      interval: 5s
      baseEjectionTime: 10s
      # Never all of them: a refusal of one instance is an answer.
      maxEjectionPercent: 50
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  {{- include "sagaproof.metadata" . | nindent 2 }}
spec:
  hosts: [{{ $name }}]
  http:
    {{- if .Values.global.mesh.faults }}
    - name: delay
      match:
        - headers:
            x-sagaproof-fault:
              exact: {{ $name }}-delay
      fault:
        delay:
          percentage: { value: 100 }
          fixedDelay: 2s
      route:
        - destination: { host: {{ $name }} }
    - name: refuse
      match:
        - headers:
            x-sagaproof-fault:
              exact: {{ $name }}-refuse
      fault:
        abort:
          percentage: { value: 100 }
          grpcStatus: UNAVAILABLE
      route:
        - destination: { host: {{ $name }} }
    {{- end }}
    - name: default
      route:
        - destination: { host: {{ $name }} }
      # Longer than every deadline of a caller (3 s): the caller's own error is the one that is seen.
      timeout: 5s
      retries: { attempts: 0 }
{{- end }}
{{- end }}
{{- end }}

{{- define "sagaproof.monitor" -}}
{{- if .Values.global.monitoring.enabled }}
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  {{- include "sagaproof.metadata" . | nindent 2 }}
spec:
  selector:
    matchLabels:
      {{- include "sagaproof.selector" . | nindent 6 }}
  podMetricsEndpoints:
    - port: admin
      path: /metrics
      interval: 15s
      # The service names itself and its instance in every series.
      honorLabels: true
      # What the alerts go by, as in the testbed.
      relabelings:
        - { targetLabel: job, replacement: services }
        - { targetLabel: service, replacement: {{ include "sagaproof.name" . }} }
        - { targetLabel: instance, sourceLabels: [__meta_kubernetes_pod_name] }
{{- end }}
{{- end }}
