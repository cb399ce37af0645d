{{- /* Takes root and actor. */ -}}
{{- define "silt.service" -}}
{{- $service := (index .root.Values .actor).service -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "silt.fullname" .root }}-{{ .actor }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "silt.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .actor }}
  {{- with $service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ $service.type }}
  selector:
    {{- include "silt.actorSelector" . | nindent 4 }}
  ports:
    - name: http
      port: {{ $service.port }}
      targetPort: http
{{- end -}}
