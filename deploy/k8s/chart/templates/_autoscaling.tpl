{{- /* Label matchers of this table's metrics, without braces. Takes the root. */ -}}
{{- define "silt.matchers" -}}
namespace={{ .Release.Namespace | quote }},table={{ include "silt.table" . | quote }}
{{- with .Values.keda.prometheusSelector }},{{ . }}{{ end }}
{{- end -}}

{{- /*
Readable and not committed, over what is committed a second. A partition is told of by two ingestors for a moment after a rebalance: the
larger lag counts, once. What no writer can drain does not count: a partition stopped for an operator, a table that is paused or parked.
Without any ingestor's word there is no answer. Takes the root.
*/ -}}
{{- define "silt.backlogQuery" -}}
{{- $table := include "silt.matchers" . -}}
{{- $ready := printf "namespace=%q,actor=\"writer\"" .Release.Namespace -}}
{{- with .Values.keda.prometheusSelector }}{{- $ready = printf "%s,%s" $ready . -}}{{- end -}}
(sum(max by (topic, partition) (silt_lag_offsets{ {{- $table -}} })
unless on (topic, partition) (max by (topic, partition) (silt_partition_stopped{ {{- $table -}} }) == 1))
or 0 * sum(silt_lag_offsets{ {{- $table -}} }))
* (1 - clamp_max((max(silt_table_paused{ {{- $table -}} }) or vector(0)) + (max(silt_table_parked{ {{- $table -}} }) or vector(0)), 1))
/ clamp_min(
(sum(rate(silt_rows_committed_total{ {{- $table -}} }[2m])) or vector(0))
+ (sum(rate(silt_dead_letters_committed_total{ {{- $table -}} }[2m])) or vector(0)),
{{ include "silt.text" .Values.writer.autoscaling.offsetsPerSecondMin }} * scalar(clamp_min(sum(silt_ready{ {{- $ready -}} }) or vector(1), 1)))
{{- end -}}

{{- /* host:port of Redis for KEDA. Takes the root. */ -}}
{{- define "silt.kedaRedisAddress" -}}
{{- if .Values.keda.redis.address -}}
{{- .Values.keda.redis.address -}}
{{- else -}}
{{- $url := urlParse (required "keda.redis.address: settings.REDIS_URL is not given, so KEDA cannot be told where Redis is" (index .Values.settings "REDIS_URL")) -}}
{{- if regexMatch ":[0-9]+$" $url.host }}{{ $url.host }}{{ else }}{{ $url.host }}:6379{{ end -}}
{{- end -}}
{{- end -}}

{{- /* The database: what values say, else what the URL says. Takes the root. */ -}}
{{- define "silt.kedaRedisDatabase" -}}
{{- $own := include "silt.text" .Values.keda.redis.databaseIndex -}}
{{- if ne $own "0" -}}
{{- $own -}}
{{- else -}}
{{- default "0" (regexFind "[0-9]+$" (urlParse (default "" .Values.settings.REDIS_URL)).path) -}}
{{- end -}}
{{- end -}}

{{- /* Spec fields both scalers share. Takes root, actor, min and max. */ -}}
{{- define "silt.scaledSpec" -}}
scaleTargetRef:
  apiVersion: apps/v1
  kind: Deployment
  name: {{ include "silt.fullname" .root }}-{{ .actor }}
pollingInterval: {{ .root.Values.keda.pollingIntervalSeconds }}
minReplicaCount: {{ .min }}
maxReplicaCount: {{ .max }}
# What cannot be measured is not scaled down.
fallback:
  failureThreshold: {{ .root.Values.keda.failureThreshold }}
  replicas: {{ .min }}
  behavior: currentReplicasIfHigher
{{- end -}}
