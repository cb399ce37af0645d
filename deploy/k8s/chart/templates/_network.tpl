{{- /* Ports of an egress rule. Takes a list of numbers. */ -}}
{{- define "silt.tcpPorts" -}}
{{- range . }}
- protocol: TCP
  port: {{ int . }}
{{- end }}
{{- end -}}

{{- /* The port of a URL, as JSON list. Takes url and fallback. */ -}}
{{- define "silt.urlPort" -}}
{{- $host := (urlParse (toString .url)).host -}}
{{- $port := regexFind ":[0-9]+$" $host | trimPrefix ":" -}}
{{- list (default .fallback $port | int) | toJson -}}
{{- end -}}

{{- /* Where each server listens, as JSON {kafka, redis, store, otlp}: what values say, else what the settings say. Takes the root. */ -}}
{{- define "silt.serverPorts" -}}
{{- $policy := .Values.networkPolicy -}}
{{- $settings := .Values.settings -}}
{{- $kafka := list -}}
{{- range splitList "," (index $settings "KAFKA_BOOTSTRAP_SERVERS") -}}
{{- $kafka = append $kafka (regexFind "[0-9]+$" . | int) -}}
{{- end -}}
{{- $redis := include "silt.urlPort" (dict "url" (default "" (index $settings "REDIS_URL")) "fallback" "6379") | fromJsonArray -}}
{{- $endpoint := default "" (index $settings "AWS_ENDPOINT_URL") -}}
{{- $store := include "silt.urlPort" (dict "url" $endpoint "fallback" (ternary "80" "443" (hasPrefix "http://" $endpoint))) | fromJsonArray -}}
{{- $otlp := include "silt.urlPort" (dict "url" (default "" (index $settings "OTEL_EXPORTER_OTLP_ENDPOINT")) "fallback" "443") | fromJsonArray -}}
{{- dict
  "kafka" (default ($kafka | uniq) $policy.kafka.ports)
  "redis" (default $redis $policy.redis.ports)
  "store" (default $store $policy.store.ports)
  "otlp" (default $otlp $policy.otlp.ports)
  | toJson -}}
{{- end -}}

{{- /*
Ports of the token endpoints an actor asks, as JSON list: that of client-credentials, and AWS's STS where a token or the store's keys come
from a role. Takes root and actor.
*/ -}}
{{- define "silt.actorTokenPorts" -}}
{{- $values := index .root.Values .actor -}}
{{- $settings := merge (dict) $values.settings .root.Values.settings -}}
{{- $ports := list -}}
{{- $bearer := eq "OAUTHBEARER" (default "" (index $settings "KAFKA_SASL_MECHANISM")) -}}
{{- $method := default "token" (index $settings "KAFKA_SASL_OAUTHBEARER_METHOD") -}}
{{- if and $bearer (eq "true" (include "silt.talksTo" (dict "actor" .actor "server" "kafka"))) -}}
{{- $url := default "https:" (index $settings "KAFKA_SASL_OAUTHBEARER_TOKEN_URL") -}}
{{- /* Plain http is allowed to the pod itself only: no policy is in its way. */ -}}
{{- if and (eq $method "client-credentials") (hasPrefix "https:" $url) -}}
{{- $ports = concat $ports (include "silt.urlPort" (dict "url" $url "fallback" "443") | fromJsonArray) -}}
{{- else if eq $method "aws-msk-iam" -}}
{{- $ports = append $ports 443 -}}
{{- end -}}
{{- end -}}
{{- $role := hasKey $values.serviceAccount.annotations "eks.amazonaws.com/role-arn" -}}
{{- if and $role (eq "true" (include "silt.talksTo" (dict "actor" .actor "server" "store"))) -}}
{{- $ports = append $ports 443 -}}
{{- end -}}
{{- $ports | toJson -}}
{{- end -}}

{{- /* Who asks for tokens on which port, as JSON {port: actors}: what values say, else what settings and roles say. Takes the root. */ -}}
{{- define "silt.tokenPorts" -}}
{{- $byPort := dict -}}
{{- range $actor := index (include "silt.talks" . | fromJson) "token" -}}
{{- $own := include "silt.actorTokenPorts" (dict "root" $ "actor" $actor) | fromJsonArray -}}
{{- range $port := default $own $.Values.networkPolicy.token.ports -}}
{{- $key := int $port | toString -}}
{{- $_ := set $byPort $key (append (default list (index $byPort $key)) $actor | uniq) -}}
{{- end -}}
{{- end -}}
{{- $byPort | toJson -}}
{{- end -}}

{{- /* A policy that lets identities out to a server. Takes root, server, identities, ports and to. */ -}}
{{- define "silt.egressPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "silt.fullname" .root }}-to-{{ .server }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "silt.labels" .root | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "silt.releaseLabels" .root | nindent 6 }}
    matchExpressions:
      - key: silt-identity
        operator: In
        values: {{ .identities | toJson }}
  policyTypes: [Egress]
  egress:
    - ports:
        {{- include "silt.tcpPorts" .ports | trim | nindent 8 }}
      {{- with .to }}
      to:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end -}}
