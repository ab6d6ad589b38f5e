{{/* What the topology draws, and nothing else. The umbrella chart denies the rest. */}}
{{- define "sagaproof.network-policy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "sagaproof.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "sagaproof.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- if .Values.network.calledBy }}
    - from:
        {{- range .Values.network.calledBy }}
        - podSelector:
            matchLabels:
              app.kubernetes.io/name: {{ . }}
              app.kubernetes.io/instance: {{ $.Release.Name }}
        {{- end }}
      ports:
        - port: {{ .Values.network.calledPort }}
          protocol: TCP
    {{- end }}
    {{- if .Values.expose }}
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: {{ .Values.global.ingress.namespace }}
        {{- range .Values.global.ingress.cidrs }}
        - ipBlock:
            cidr: {{ . }}
        {{- end }}
      ports:
        - port: {{ .Values.expose.port }}
          protocol: TCP
    {{- end }}
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: {{ .Values.global.monitoring.namespace }}
      ports:
        - port: admin
          protocol: TCP
  egress:
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - port: 53
          protocol: UDP
        - port: 53
          protocol: TCP
    {{- range .Values.network.calls }}
    - to:
        - podSelector:
            matchLabels:
              app.kubernetes.io/name: {{ .name }}
              app.kubernetes.io/instance: {{ $.Release.Name }}
      ports:
        - port: {{ .port }}
          protocol: TCP
    {{- end }}
    {{- range .Values.network.servers }}
    {{- $outside := index $.Values.global.serverNetworks . }}
    - to:
        {{- if $outside }}
        - ipBlock:
            cidr: {{ $outside.cidr }}
        {{- else }}
        - podSelector:
            matchLabels:
              sagaproof/server: {{ . }}
        {{- end }}
      ports:
        {{- if $outside }}
        {{- range $outside.ports }}
        - port: {{ . }}
          protocol: TCP
        {{- end }}
        {{- else }}
        - port: {{ regexFind "[0-9]+$" (index $.Values.global.addresses .) }}
          protocol: TCP
        {{- end }}
    {{- end }}
    {{- if .Values.global.mesh.enabled }}
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: istio-system
      ports:
        - port: 15012
          protocol: TCP
    {{- end }}
{{- end }}
