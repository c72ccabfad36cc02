{{- define "tallygate.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of objects. 46 characters leave room for the longest suffix in 63. */}}
{{- define "tallygate.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 46 | trimSuffix "-" -}}
{{- else if contains (include "tallygate.name" .) .Release.Name -}}
{{- .Release.Name | trunc 46 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "tallygate.name" .) | trunc 46 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/*
Labels of an object. Call with (dict "root" $ "component" "gate"), and "labels" for more: a list of maps, of which the
last that has a key wins, and all of which win over commonLabels. One map in the end, so that no key stands twice.
*/}}
{{- define "tallygate.labels" -}}
{{- $own := dict
  "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_")
  "app.kubernetes.io/version" .root.Chart.AppVersion
  "app.kubernetes.io/managed-by" .root.Release.Service
  "app.kubernetes.io/part-of" "tallygate" -}}
{{- $labels := mergeOverwrite (dict) $own (default (dict) .root.Values.commonLabels) -}}
{{- range .labels -}}
{{- $labels = mergeOverwrite $labels (default (dict) .) -}}
{{- end -}}
{{- toYaml (mergeOverwrite $labels (include "tallygate.selector" . | fromYaml)) -}}
{{- end -}}

{{/* Labels that never change: what Deployments and Services select by. */}}
{{- define "tallygate.selector" -}}
app.kubernetes.io/name: {{ include "tallygate.name" .root | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* metadata of an object. Call with (dict "root" $ "component" "gate" "name" NAME), and "annotations" if there are. */}}
{{- define "tallygate.metadata" -}}
name: {{ .name | quote }}
{{- if not .cluster }}
namespace: {{ .root.Release.Namespace | quote }}
{{- end }}
labels:
  {{- include "tallygate.labels" (dict "root" .root "component" .component "labels" (list .labels)) | nindent 2 }}
{{- with merge (dict) (default (dict) .annotations) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "tallygate.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The Secret with tls.crt and tls.key. */}}
{{- define "tallygate.certificateSecret" -}}
{{- if eq .Values.certificates.mode "provided" -}}
{{ .Values.certificates.provided.secretName }}
{{- else -}}
{{ include "tallygate.fullname" . }}-tls
{{- end -}}
{{- end -}}

{{/* Whether the gate asks the API server anything. */}}
{{- define "tallygate.gateAsks" -}}
{{- if or .Values.gate.cluster .Values.gate.selfProbe (eq .Values.certificates.mode "managed") -}}true{{- end -}}
{{- end -}}

{{- define "tallygate.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "tallygate.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* What is common to the Pods of gate and auditor: where they run and what they may. */}}
{{- define "tallygate.podSpec" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClass.name }}
priorityClassName: {{ . | quote }}
{{- end }}
securityContext:
  {{- include "tallygate.podSecurity" . | nindent 2 }}
{{- end -}}

{{/* Where Pods may run: call with the values that have nodeSelector, tolerations and affinity. */}}
{{- define "tallygate.placement" -}}
{{- range $field := list "nodeSelector" "tolerations" "affinity" }}
{{- with get $ $field }}
{{ $field }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The mounted policy: two ConfigMaps in one folder, or the one that exists. Call with (dict "root" $ "suffix" ""). */}}
{{- define "tallygate.policyVolume" -}}
name: policy
{{- if .root.Values.policy.existingConfigMap }}
configMap:
  name: {{ .root.Values.policy.existingConfigMap | quote }}
{{- else }}
projected:
  sources:
  - configMap: {name: {{ include "tallygate.fullname" .root }}-policy{{ .suffix }}}
  - configMap: {name: {{ include "tallygate.fullname" .root }}-registry{{ .suffix }}}
{{- end }}
{{- end -}}

{{- define "tallygate.policyDocuments" -}}
{{- with .Values.policy.spec }}
apiVersion: tallygate.io/v1alpha1
kind: AttributionPolicy
metadata:
  name: {{ $.Values.policy.name | quote }}
spec:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- range .Values.policy.exemptions }}
---
apiVersion: tallygate.io/v1alpha1
kind: Exemption
metadata:
  name: {{ .name | quote }}
spec:
  {{- toYaml (omit . "name") | nindent 2 }}
{{- end }}
{{- range .Values.policy.workloadKinds }}
---
apiVersion: tallygate.io/v1alpha1
kind: WorkloadKind
metadata:
  name: {{ .name | quote }}
spec:
  {{- toYaml (omit . "name") | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "tallygate.registryDocument" -}}
{{- if .Values.policy.teams -}}
apiVersion: tallygate.io/v1alpha1
kind: Registry
metadata:
  name: registry
spec:
  teams:
  {{- range .Values.policy.teams }}
  - {{- toYaml (omit . "monthlyBudget") | nindent 4 }}
    {{- if hasKey . "monthlyBudget" }}
    monthlyBudget: {{ include "tallygate.plainNumber" .monthlyBudget }}
    {{- end }}
  {{- end }}
{{- end -}}
{{- end -}}

{{/* A number without an exponent: Helm reads every number as a float and would write a million as 1e+06. */}}
{{- define "tallygate.plainNumber" -}}
{{- regexReplaceAll "\\.?0+$" (printf "%.9f" (float64 .)) "" -}}
{{- end -}}

{{/* data of a ConfigMap with one document; without it the file is not there, since an empty one is a mistake. */}}
{{- define "tallygate.documentData" -}}
{{- $text := trim .text -}}
{{- if $text }}
data:
  {{ .file }}: |
    {{- $text | nindent 4 }}
{{- else }}
data: {}
{{- end }}
{{- end -}}

{{/* Rules of all workloads as a YAML list: the catalogue's, and those the policy adds. */}}
{{- define "tallygate.allWorkloadRules" -}}
{{- $rules := .Files.Get "files/workload-kinds.yaml" | fromYamlArray -}}
{{- range .Values.policy.workloadKinds -}}
{{- $rules = append $rules (dict "group" .group "versions" (list .version) "resources" (list .resource)) -}}
{{- end -}}
{{- toYaml $rules -}}
{{- end -}}

{{/* Those that webhooks are registered for. */}}
{{- define "tallygate.workloadRules" -}}
{{- $asked := list "" "apps" "batch" -}}
{{- range .Values.policy.workloadKinds -}}
{{- $asked = append $asked .group -}}
{{- end -}}
{{- $rules := list -}}
{{- range include "tallygate.allWorkloadRules" . | fromYamlArray -}}
{{- if or $.Values.webhooks.customResources (has .group $asked) -}}
{{- $rules = append $rules . -}}
{{- end -}}
{{- end -}}
{{- toYaml $rules -}}
{{- end -}}

{{/* Durations of Tallygate's own form (90d, 60s) in seconds. */}}
{{- define "tallygate.seconds" -}}
{{- $units := dict "s" 1 "m" 60 "h" 3600 "d" 86400 -}}
{{- mul (trimSuffix (substr (int (sub (len .) 1)) (len .) .) . | int64) (get $units (substr (int (sub (len .) 1)) (len .) .)) -}}
{{- end -}}

{{/* How many gates there are at least. */}}
{{- define "tallygate.leastGates" -}}
{{- ternary .Values.gate.autoscaling.minReplicas .Values.gate.replicas .Values.gate.autoscaling.enabled | int -}}
{{- end -}}

{{/* Whether the templates are rendered against a cluster that can be asked. */}}
{{- define "tallygate.live" -}}
{{- if lookup "v1" "Namespace" "" "kube-system" -}}true{{- end -}}
{{- end -}}

{{- define "tallygate.atLeast" -}}
{{- if semverCompare (printf ">=%s-0" .version) .root.Capabilities.KubeVersion.Version -}}true{{- end -}}
{{- end -}}

{{/* What gate and auditor may reach: the API server, and names. */}}
{{- define "tallygate.apiServerEgress" -}}
- ports:
  {{- range .Values.networkPolicy.apiServerPorts }}
  - {port: {{ . }}, protocol: TCP}
  {{- end }}
- ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
{{- end -}}
