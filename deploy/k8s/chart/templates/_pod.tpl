{{- /* A setting as text: whole numbers stay whole, whatever their size. */ -}}
{{- define "silt.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) -}}{{ int64 . }}{{- else -}}{{ toString . }}{{- end -}}
{{- end -}}

{{- /* Settings of every actor, as ConfigMap data. Takes the root. */ -}}
{{- define "silt.settings" -}}
{{- range $name, $value := .Values.settings }}
{{- if or (eq $name "KAFKA_TOPIC") (not (hasPrefix "KAFKA_" $name)) }}
{{ $name }}: {{ include "silt.text" $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Settings of those that talk to Kafka: the others would be refused without its credentials. Takes the root. */ -}}
{{- define "silt.kafkaSettings" -}}
{{- range $name, $value := .Values.settings }}
{{- if and (ne $name "KAFKA_TOPIC") (hasPrefix "KAFKA_" $name) }}
{{ $name }}: {{ include "silt.text" $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Takes root and actor. */ -}}
{{- define "silt.envFrom" -}}
- configMapRef:
    name: {{ include "silt.fullname" .root }}-settings
{{- if eq "true" (include "silt.talksTo" (dict "actor" .actor "server" "kafka")) }}
- configMapRef:
    name: {{ include "silt.fullname" .root }}-kafka
{{- end }}
{{- end -}}

{{- /* The Secret of an actor, as JSON {existingSecret, keys}: its own, else the common one. Takes root and actor. */ -}}
{{- define "silt.secret" -}}
{{- $own := (index .root.Values .actor).secrets -}}
{{- ternary $own .root.Values.secrets (ne $own.existingSecret "") | toJson -}}
{{- end -}}

{{- /* Longer than Silt's own deadline, so that it is never cut short. Takes root and actor. */ -}}
{{- define "silt.graceSeconds" -}}
{{- $settings := merge (dict) (index .root.Values .actor).settings .root.Values.settings -}}
{{- $deadlineMs := include "silt.text" (default 20000 (index $settings "SHUTDOWN_DEADLINE_MS")) | int -}}
{{- add (div (add $deadlineMs 999) 1000) 10 -}}
{{- end -}}

{{- /* Takes root and actor. */ -}}
{{- define "silt.env" -}}
{{- $trust := .root.Values.trust -}}
{{- $secret := include "silt.secret" . | fromJson -}}
{{- range $name, $value := (index .root.Values .actor).settings }}
- name: {{ $name }}
  value: {{ include "silt.text" $value | quote }}
{{- end }}
{{- if $secret.existingSecret }}
{{- range $secret.keys }}
- name: {{ . }}_FILE
  value: /etc/silt/secrets/{{ . }}
{{- end }}
{{- end }}
{{- if $trust.existingConfigMap }}
{{- $settings := merge (dict) (index .root.Values .actor).settings .root.Values.settings -}}
{{- /* Silt refuses an authority that would not be used. */ -}}
{{- $kafkaTls := hasSuffix "SSL" (default "" (index $settings "KAFKA_SECURITY_PROTOCOL")) -}}
{{- $redisTls := hasPrefix "rediss:" (default "rediss:" (index $settings "REDIS_URL")) -}}
{{- if and (has "kafka" $trust.for) $kafkaTls (eq "true" (include "silt.talksTo" (dict "actor" .actor "server" "kafka"))) }}
- name: KAFKA_SSL_CA_FILE
  value: /etc/silt/trust/ca.crt
{{- end }}
{{- if and (has "redis" $trust.for) $redisTls (eq "true" (include "silt.talksTo" (dict "actor" .actor "server" "redis"))) }}
- name: REDIS_CA_FILE
  value: /etc/silt/trust/ca.crt
{{- end }}
{{- if and (has "store" $trust.for) (eq "true" (include "silt.talksTo" (dict "actor" .actor "server" "store"))) }}
- name: AWS_CA_BUNDLE
  value: /etc/silt/trust/ca.crt
{{- end }}
{{- end }}
{{- end -}}

{{- /* Takes root and actor. */ -}}
{{- define "silt.volumeMounts" -}}
{{- $secret := include "silt.secret" . | fromJson -}}
- name: tmp
  mountPath: /tmp
{{- if and $secret.existingSecret $secret.keys }}
- name: secrets
  mountPath: /etc/silt/secrets
  readOnly: true
{{- end }}
{{- if .root.Values.trust.existingConfigMap }}
- name: trust
  mountPath: /etc/silt/trust
  readOnly: true
{{- end }}
{{- end -}}

{{- /* Takes root and actor. */ -}}
{{- define "silt.volumes" -}}
{{- $secret := include "silt.secret" . | fromJson -}}
{{- $trust := .root.Values.trust -}}
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- if and $secret.existingSecret $secret.keys }}
- name: secrets
  secret:
    secretName: {{ $secret.existingSecret }}
    # 0440: group fsGroup may read.
    defaultMode: 288
    items:
      {{- range $secret.keys }}
      - key: {{ . }}
        path: {{ . }}
      {{- end }}
{{- end }}
{{- if $trust.existingConfigMap }}
- name: trust
  configMap:
    name: {{ $trust.existingConfigMap }}
    items:
      - key: {{ $trust.key }}
        path: ca.crt
{{- end }}
{{- end -}}

{{- define "silt.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- /* Spec fields every pod has, whatever runs in it. Takes root and actor. */ -}}
{{- define "silt.podBase" -}}
{{- $values := index .root.Values .actor -}}
serviceAccountName: {{ include "silt.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* Metadata of a pod. `silt-identity` is what network policies go by: a doctor's pod has its actor's. Takes root and actor. */ -}}
{{- define "silt.podMetadata" -}}
{{- $values := index .root.Values .actor -}}
labels:
  {{- include "silt.labels" .root | nindent 2 }}
  app.kubernetes.io/component: {{ .actor }}
  silt-identity: {{ .actor }}
  {{- with $values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  # Changed settings roll the pods that have them; a rotated Secret does not.
  checksum/settings: {{ include "silt.settings" .root | sha256sum }}
  {{- if eq "true" (include "silt.talksTo" (dict "actor" .actor "server" "kafka")) }}
  checksum/kafka: {{ include "silt.kafkaSettings" .root | sha256sum }}
  {{- end }}
  {{- with $values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- /* Takes root and actor. */ -}}
{{- define "silt.topologySpread" -}}
{{- $spread := .root.Values.topologySpread -}}
{{- if $spread.enabled }}
topologySpreadConstraints:
  {{- range $key, $when := dict "topology.kubernetes.io/zone" $spread.zone "kubernetes.io/hostname" $spread.node }}
  - topologyKey: {{ $key }}
    maxSkew: 1
    whenUnsatisfiable: {{ $when }}
    labelSelector:
      matchLabels:
        {{- include "silt.actorSelector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- end -}}
