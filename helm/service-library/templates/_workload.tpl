{{- define "sagaproof.workload" -}}
{{- $kind := include "sagaproof.kind" . -}}
apiVersion: apps/v1
kind: {{ $kind }}
metadata:
  {{- include "sagaproof.metadata" . | nindent 2 }}
spec:
  {{- /* An autoscaler owns the number of replicas where there is one. */}}
  {{- if not (include "sagaproof.autoscaling" . | trim) }}
  replicas: {{ .Values.replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  selector:
    matchLabels:
      {{- include "sagaproof.selector" . | nindent 6 }}
  {{- if eq $kind "StatefulSet" }}
  serviceName: {{ include "sagaproof.name" . }}-pods
  podManagementPolicy: Parallel
  minReadySeconds: 5
  updateStrategy:
    type: RollingUpdate
  {{- else }}
  minReadySeconds: 5
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  {{- end }}
  template:
    metadata:
      labels:
        {{- include "sagaproof.labels" . | nindent 8 }}
        {{- if .Values.global.mesh.enabled }}
        sidecar.istio.io/inject: "true"
        {{- end }}
      {{- if .Values.global.mesh.enabled }}
      annotations:
        # The proxy is there before the first call, and drains after the service.
        proxy.istio.io/config: '{ "holdApplicationUntilProxyStarts": true }'
      {{- end }}
    spec:
      {{- include "sagaproof.pod" . | nindent 6 }}
{{- end }}

{{- define "sagaproof.pod" -}}
serviceAccountName: {{ include "sagaproof.name" . }}
automountServiceAccountToken: false
enableServiceLinks: false
# 5 s until no caller sends any more, 10 s of drain, and a little.
terminationGracePeriodSeconds: 25
{{- with .Values.global.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile:
    type: RuntimeDefault
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "sagaproof.selector" $ | nindent 8 }}
  {{- end }}
containers:
  - name: {{ include "sagaproof.name" . }}
    image: {{ include "sagaproof.image" . }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    ports:
      {{- range $name, $port := .Values.ports }}
      - name: {{ $name }}
        containerPort: {{ $port }}
      {{- end }}
    env:
      - name: POD_NAME
        valueFrom:
          fieldRef:
            fieldPath: metadata.name
      {{- range $name, $value := .Values.env }}
      - name: {{ $name }}
        value: {{ tpl $value $ | quote }}
      {{- end }}
      {{- range .Values.secretEnv }}
      - name: {{ .name }}
        valueFrom:
          secretKeyRef:
            name: {{ include "sagaproof.name" $ }}
            key: {{ .key }}
      {{- end }}
    startupProbe:
      httpGet: { path: /readyz, port: admin }
      periodSeconds: 2
      failureThreshold: 60
    livenessProbe:
      httpGet: { path: /livez, port: admin }
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    readinessProbe:
      httpGet: { path: /readyz, port: admin }
      periodSeconds: 2
      timeoutSeconds: 2
      failureThreshold: 2
    lifecycle:
      preStop:
        # Endpoints and proxies learn of the end of a pod a little after it; until then it serves.
        sleep: { seconds: 5 }
    resources:
      {{- toYaml .Values.resources | nindent 6 }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
{{- end }}
