{{- define "merlon.labels" -}}
app.kubernetes.io/name: merlon
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
{{- define "merlon.selector" -}}
app.kubernetes.io/name: merlon
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
