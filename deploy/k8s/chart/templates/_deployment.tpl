{{- /*
The Deployment of an actor that runs by `silt run <actor>`.
Takes root, actor, scaled (KEDA decides over replicas) and, for an actor that listens, port {name, number} and env.
*/ -}}
{{- define "silt.deployment" -}}
{{- $values := index .root.Values .actor -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "silt.fullname" .root }}-{{ .actor }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "silt.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .actor }}
spec:
  {{- if not .scaled }}
  replicas: {{ $values.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  minReadySeconds: 5
  progressDeadlineSeconds: 600
  strategy:
    type: RollingUpdate
    rollingUpdate:
      {{- toYaml $values.strategy | nindent 6 }}
  selector:
    matchLabels:
      {{- include "silt.actorSelector" . | nindent 6 }}
  template:
    metadata:
      {{- include "silt.podMetadata" . | nindent 6 }}
    spec:
      {{- include "silt.podBase" . | nindent 6 }}
      terminationGracePeriodSeconds: {{ include "silt.graceSeconds" . }}
      {{- with include "silt.topologySpread" . | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      containers:
        - name: {{ .actor }}
          image: {{ include "silt.image" . }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          args: [run, {{ .actor }}]
          envFrom:
            {{- include "silt.envFrom" . | nindent 12 }}
          env:
            - name: OPS_HOST
              value: 0.0.0.0
            - name: OPS_PORT
              value: '9464'
            {{- with .env }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
            {{- with include "silt.env" . | trim }}
            {{- . | nindent 12 }}
            {{- end }}
          ports:
            - name: ops
              containerPort: 9464
            {{- with .port }}
            - name: {{ .name }}
              containerPort: {{ .number }}
            {{- end }}
          startupProbe:
            httpGet: { path: /healthz, port: ops }
            periodSeconds: 2
            timeoutSeconds: 2
            failureThreshold: 60
          # Alive until an actor ended by an error. A store, broker or Redis that is away does not restart anything.
          livenessProbe:
            httpGet: { path: /healthz, port: ops }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe:
            httpGet: { path: /readyz, port: ops }
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 2
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          securityContext:
            {{- include "silt.containerSecurity" . | nindent 12 }}
          volumeMounts:
            {{- include "silt.volumeMounts" . | nindent 12 }}
      volumes:
        {{- include "silt.volumes" . | nindent 8 }}
{{- end -}}
