{{- define "cgopher.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "cgopher.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "cgopher.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "cgopher.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "cgopher.selector" -}}
app.kubernetes.io/name: {{ include "cgopher.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "cgopher.podLabels" -}}
{{ include "cgopher.selector" . }}
app.kubernetes.io/part-of: cgopher
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "cgopher.labels" -}}
{{ include "cgopher.podLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "cgopher.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "cgopher.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is needed with serviceAccount.create: false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "cgopher.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* none, api or kubelet: what the configuration says. */}}
{{- define "cgopher.source" -}}
{{- default "none" (dig "kubernetes" "source" "none" .Values.config) }}
{{- end }}

{{/* --max-old-space-size in MiB: 0.45 of the limit. Of 256 MiB that leaves 141: 68 for the thread that searches executables, 40 for Node itself, the rest for buffers. */}}
{{- define "cgopher.heapMebibytes" -}}
{{- $given := dig "limits" "memory" "" .Values.resources }}
{{- /* A number without quotes is read as a floating-point number, which toString writes as 2.68435456e+08. */}}
{{- $limit := kindIs "float64" $given | ternary (printf "%.0f" $given) (toString $given) }}
{{- if .Values.node.maxOldSpaceSizeMiB }}
{{- .Values.node.maxOldSpaceSizeMiB | int64 }}
{{- else if not $limit }}
{{- 256 }}
{{- else }}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 }}
{{- $number := regexFind "^[0-9]+([.][0-9]+)?" $limit }}
{{- $unit := trimPrefix $number $limit }}
{{- if or (not $number) (not (hasKey $units $unit)) }}
{{- fail (printf "resources.limits.memory: %s is no quantity like 256Mi" $limit) }}
{{- end }}
{{- divf (mulf (float64 $number) (get $units $unit) 0.45) 1048576 | floor | int64 }}
{{- end }}
{{- end }}

{{/* Before 1.30 there is an annotation in place of the field. */}}
{{- define "cgopher.appArmorIsField" -}}
{{- if semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version }}true{{- end }}
{{- end }}

{{- define "cgopher.appArmorAnnotation" -}}
{{- with .Values.privilege.appArmorProfile }}
{{- if eq .type "Localhost" }}localhost/{{ .localhostProfile }}
{{- else if eq .type "RuntimeDefault" }}runtime/default
{{- else }}unconfined
{{- end }}
{{- end }}
{{- end }}

{{/* User 0 for tiers 1 and 2: Kubernetes gives added capabilities to nobody else. */}}
{{- define "cgopher.securityContext" -}}
{{- $tier := int .Values.privilege.tier }}
{{- if eq $tier 0 }}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
{{- else }}
runAsNonRoot: false
runAsUser: 0
runAsGroup: 0
{{- end }}
privileged: false
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
  {{- if eq $tier 1 }}
  add: [SYS_PTRACE]
  {{- else if eq $tier 2 }}
  add: [SYS_PTRACE, DAC_READ_SEARCH]
  {{- end }}
seccompProfile:
  type: RuntimeDefault
{{- if and (gt $tier 0) .Values.privilege.appArmorProfile (include "cgopher.appArmorIsField" .) }}
appArmorProfile:
  {{- toYaml .Values.privilege.appArmorProfile | nindent 2 }}
{{- end }}
{{- with .Values.privilege.seLinuxOptions }}
seLinuxOptions:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* path, then the root. */}}
{{- define "cgopher.probeAction" -}}
{{- $path := index . 0 }}
{{- with (index . 1).Values.web.probe }}
{{- if .tcpSocket }}
tcpSocket:
  port: metrics
{{- else }}
httpGet:
  path: {{ $path }}
  port: metrics
  {{- if ne .scheme "HTTP" }}
  scheme: {{ .scheme }}
  {{- end }}
  {{- with .httpHeaders }}
  httpHeaders:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* values of the monitor, then the root: what both kinds of monitor say of an endpoint. */}}
{{- define "cgopher.scrape" -}}
{{- $root := index . 1 }}
{{- with index . 0 }}
port: metrics
path: {{ $root.Values.web.telemetryPath }}
honorLabels: {{ .honorLabels }}
{{- with .interval }}
interval: {{ . }}
{{- end }}
{{- with .scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
{{- if ne .scheme "http" }}
scheme: {{ .scheme }}
{{- end }}
{{- with .tlsConfig }}
tlsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .basicAuth }}
basicAuth:
  {{- toYaml . | nindent 2 }}
{{- end }}
relabelings:
  - action: replace
    sourceLabels: [__meta_kubernetes_pod_node_name]
    targetLabel: node
  {{- with .relabelings }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .metricRelabelings }}
metricRelabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}
