{{- define "sagaproof.budget" -}}
{{- if gt (int .Values.replicas) 1 }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "sagaproof.metadata" . | nindent 2 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "sagaproof.selector" . | nindent 6 }}
{{- end }}
{{- end }}

{{/* Consumers by the lag of their groups where KEDA runs; everything else by its CPU. */}}
{{- define "sagaproof.autoscaling" -}}
{{- if gt (int .Values.replicasMax) (int .Values.replicas) }}
{{- if and .Values.consumes .Values.global.keda.enabled }}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  {{- include "sagaproof.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: {{ include "sagaproof.kind" . }}
    name: {{ include "sagaproof.name" . }}
  minReplicaCount: {{ .Values.replicas }}
  maxReplicaCount: {{ .Values.replicasMax }}
  pollingInterval: 15
  cooldownPeriod: 300
  triggers:
    {{- range .Values.consumes }}
    - type: kafka
      metadata:
        bootstrapServers: {{ $.Values.global.addresses.kafka }}
        consumerGroup: {{ include "sagaproof.name" $ }}
        topic: {{ . }}
        lagThreshold: {{ $.Values.lagThreshold | quote }}
        offsetResetPolicy: earliest
        excludePersistentLag: "true"
    {{- end }}
{{- else }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "sagaproof.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: {{ include "sagaproof.kind" . }}
    name: {{ include "sagaproof.name" . }}
  minReplicas: {{ .Values.replicas }}
  maxReplicas: {{ .Values.replicasMax }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 70
  behavior:
    scaleDown:
      # An instance that leaves closes its sockets and moves its partitions: not for a short lull.
      stabilizationWindowSeconds: 300
{{- end }}
{{- end }}
{{- end }}
