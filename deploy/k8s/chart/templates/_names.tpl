{{- define "silt.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "silt.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "silt.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "silt.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* What every pod of this release carries. Takes the root. */ -}}
{{- define "silt.releaseLabels" -}}
app.kubernetes.io/name: {{ include "silt.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- /* Takes the root. */ -}}
{{- define "silt.labels" -}}
{{ include "silt.releaseLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- /* Takes root and actor. */ -}}
{{- define "silt.actorSelector" -}}
{{ include "silt.releaseLabels" .root }}
app.kubernetes.io/component: {{ .actor }}
{{- end -}}

{{- /* Takes root and actor. */ -}}
{{- define "silt.serviceAccountName" -}}
{{- $account := (index .root.Values .actor).serviceAccount -}}
{{- if $account.name -}}
{{- $account.name -}}
{{- else if $account.create -}}
{{- printf "%s-%s" (include "silt.fullname" .root) .actor -}}
{{- else -}}
default
{{- end -}}
{{- end -}}

{{- /* Takes root and actor. */ -}}
{{- define "silt.image" -}}
{{- $all := .root.Values.image -}}
{{- $own := (index .root.Values .actor).image -}}
{{- if $own.digest -}}
{{- printf "%s@%s" $all.repository $own.digest -}}
{{- else if $own.tag -}}
{{- printf "%s:%s" $all.repository $own.tag -}}
{{- else if $all.digest -}}
{{- printf "%s@%s" $all.repository $all.digest -}}
{{- else -}}
{{- printf "%s:%s" $all.repository (default .root.Chart.AppVersion $all.tag) -}}
{{- end -}}
{{- end -}}

{{- /*
Which actors talk to which server, as JSON: settings, authorities and network policies go by it. Those of "token" may ask for one; whether
they do, and where, is silt.actorTokenPorts's to say.
*/ -}}
{{- define "silt.talks" -}}
{{- dict
  "kafka" (list "ingestor" "writer" "collector" "operator")
  "redis" (list "ingestor" "writer" "committer" "console" "operator")
  "store" (list "ingestor" "writer" "committer" "operator")
  "otlp" (list "ingestor" "writer" "committer" "collector" "console")
  "token" (list "ingestor" "writer" "committer" "collector" "operator")
  | toJson -}}
{{- end -}}

{{- /* "true" where an actor talks to a server. Takes actor and server. */ -}}
{{- define "silt.talksTo" -}}
{{- has .actor (index (include "silt.talks" . | fromJson) .server) -}}
{{- end -}}

{{- /* The table's name in metrics and queues: the last path segment, as Silt itself cuts it. Takes the root. */ -}}
{{- define "silt.table" -}}
{{- regexReplaceAll "[^A-Za-z0-9._-]" (base .Values.settings.DELTA_TABLE_PATH) "-" -}}
{{- end -}}
