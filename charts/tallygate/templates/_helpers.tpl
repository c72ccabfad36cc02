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

{{/* Labels of an object. Call with (dict "root" $ "component" "gate"). */}}
{{- define "tallygate.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: tallygate
{{ include "tallygate.selector" . }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels that never change: what Deployments and Services select by. */}}
{{- define "tallygate.selector" -}}
app.kubernetes.io/name: {{ include "tallygate.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* metadata of an object. Call with (dict "root" $ "component" "gate" "name" NAME), and "annotations" if there are. */}}
{{- define "tallygate.metadata" -}}
name: {{ .name }}
{{- if not .cluster }}
namespace: {{ .root.Release.Namespace }}
{{- end }}
labels:
  {{- include "tallygate.labels" . | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
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
priorityClassName: {{ . }}
{{- end }}
securityContext:
  {{- include "tallygate.podSecurity" . | nindent 2 }}
{{- end -}}

{{/* The mounted policy: two ConfigMaps in one folder, or the one that exists. Call with (dict "root" $ "suffix" ""). */}}
{{- define "tallygate.policyVolume" -}}
name: policy
{{- if .root.Values.policy.existingConfigMap }}
configMap:
  name: {{ .root.Values.policy.existingConfigMap }}
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
  name: {{ $.Values.policy.name }}
spec:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- range .Values.policy.exemptions }}
---
apiVersion: tallygate.io/v1alpha1
kind: Exemption
metadata:
  name: {{ .name }}
spec:
  {{- toYaml (omit . "name") | nindent 2 }}
{{- end }}
{{- range .Values.policy.workloadKinds }}
---
apiVersion: tallygate.io/v1alpha1
kind: WorkloadKind
metadata:
  name: {{ .name }}
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

{{/* Rules of workloads as a YAML list: the catalogue's, by what the values ask for, and those the policy adds. */}}
{{- define "tallygate.workloadRules" -}}
{{- $own := list "" "apps" "batch" -}}
{{- $rules := list -}}
{{- range .Files.Get "files/workload-kinds.yaml" | fromYamlArray -}}
{{- if or $.Values.webhooks.customResources (has .group $own) -}}
{{- $rules = append $rules . -}}
{{- end -}}
{{- end -}}
{{- range .Values.policy.workloadKinds -}}
{{- $rules = append $rules (dict "group" .group "versions" (list .version) "resources" (list .resource)) -}}
{{- end -}}
{{- toYaml $rules -}}
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

{{/* The mode of certificates that the cluster's webhook configurations were installed in; empty: there are none. */}}
{{- define "tallygate.modeBefore" -}}
{{- $found := "" -}}
{{- range $kind := list "ValidatingWebhookConfiguration" "MutatingWebhookConfiguration" -}}
{{- $live := lookup "admissionregistration.k8s.io/v1" $kind "" (include "tallygate.fullname" $) -}}
{{- $found = dig "metadata" "annotations" "tallygate.io/certificates" "" $live | default $found -}}
{{- end -}}
{{- $found -}}
{{- end -}}

{{/*
The caBundle to render, base64; empty: whoever keeps it in the cluster does. Call with (dict "root" $ "kind" KIND).

When the mode changes, gates of the mode before serve on until the last of them is replaced: what they are trusted by is
published on, beside the new. Once only: the next upgrade finds its own mode.
*/}}
{{- define "tallygate.caBundle" -}}
{{- $mode := .root.Values.certificates.mode -}}
{{- $live := lookup "admissionregistration.k8s.io/v1" .kind "" (include "tallygate.fullname" .root) -}}
{{- $before := dig "metadata" "annotations" "tallygate.io/certificates" "" $live -}}
{{- $standing := "" -}}
{{- range dig "webhooks" list $live -}}
{{- $standing = dig "clientConfig" "caBundle" "" . | default $standing -}}
{{- end -}}
{{- if eq $mode "provided" -}}
{{- $own := .root.Values.certificates.provided.caBundle | trim -}}
{{- if and $standing (ne $before "provided") -}}
{{- printf "%s\n%s\n" $own (b64dec $standing | trim) | b64enc -}}
{{- else -}}
{{- .root.Values.certificates.provided.caBundle | b64enc -}}
{{- end -}}
{{- else if and $standing (eq $before "provided") -}}
{{- $standing -}}
{{- end -}}
{{- end -}}
