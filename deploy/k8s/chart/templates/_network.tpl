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
