{{- define "sagaproof.account" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "sagaproof.metadata" . | nindent 2 }}
  {{- with .Values.global.irsa.roleArnPrefix }}
  annotations:
    eks.amazonaws.com/role-arn: {{ printf "%s%s" . (include "sagaproof.name" $) }}
  {{- end }}
automountServiceAccountToken: false
{{- end }}

{{/* The password of its database comes from the store of the environment; without one, the cluster has the secret. */}}
{{- define "sagaproof.secret" -}}
{{- if and .Values.secretEnv .Values.global.externalSecrets.enabled }}
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  {{- include "sagaproof.metadata" . | nindent 2 }}
spec:
  refreshInterval: 1h
  secretStoreRef:
    kind: SecretStore
    name: {{ .Values.global.externalSecrets.store }}
  target:
    name: {{ include "sagaproof.name" . }}
  data:
    {{- range .Values.secretEnv }}
    - secretKey: {{ .key }}
      remoteRef:
        key: {{ printf "%s/%s" $.Values.global.externalSecrets.prefix (include "sagaproof.name" $) }}
        property: {{ .key }}
    {{- end }}
{{- end }}
{{- end }}
