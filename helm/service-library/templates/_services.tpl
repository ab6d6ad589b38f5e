{{- define "sagaproof.services" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "sagaproof.metadata" . | nindent 2 }}
spec:
  selector:
    {{- include "sagaproof.selector" . | nindent 4 }}
  ports:
    {{- range $name, $port := .Values.ports }}
    {{- if ne $name "admin" }}
    - name: {{ $name }}
      port: {{ $port }}
      targetPort: {{ $name }}
      appProtocol: {{ ternary "grpc" "http" (eq $name "grpc") }}
    {{- end }}
    {{- end }}
    - name: http-admin
      port: {{ .Values.ports.admin }}
      targetPort: admin
{{- if eq (include "sagaproof.kind" .) "StatefulSet" }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "sagaproof.name" . }}-pods
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "sagaproof.labels" . | nindent 4 }}
spec:
  clusterIP: None
  selector:
    {{- include "sagaproof.selector" . | nindent 4 }}
  ports:
    - name: http-admin
      port: {{ .Values.ports.admin }}
      targetPort: admin
{{- end }}
{{- end }}

{{/* Reachable from outside: the API through an ingress, sockets through a network load balancer. */}}
{{- define "sagaproof.expose" -}}
{{- with .Values.expose }}
{{- if and (eq .kind "ingress") .host }}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  {{- include "sagaproof.metadata" $ | nindent 2 }}
  annotations:
    {{- toYaml .annotations | nindent 4 }}
spec:
  rules:
    - host: {{ .host }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ include "sagaproof.name" $ }}
                port:
                  name: {{ .port }}
{{- else if and (eq .kind "load-balancer") .annotations }}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "sagaproof.name" $ }}-public
  namespace: {{ $.Release.Namespace }}
  labels:
    {{- include "sagaproof.labels" $ | nindent 4 }}
  annotations:
    {{- toYaml .annotations | nindent 4 }}
spec:
  type: LoadBalancer
  # A connection that is open goes on while its pod drains.
  externalTrafficPolicy: Local
  selector:
    {{- include "sagaproof.selector" $ | nindent 4 }}
  ports:
    - name: {{ .port }}
      port: 443
      targetPort: {{ .port }}
{{- end }}
{{- end }}
{{- end }}
