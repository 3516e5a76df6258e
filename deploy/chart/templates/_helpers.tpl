{{- define "muse.labels" -}}
app.kubernetes.io/name: muse
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "muse.image" -}}
image: {{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* Of every pod. */}}
{{- define "muse.pod" -}}
automountServiceAccountToken: false
{{- with .Values.serviceAccountName }}
serviceAccountName: {{ . }}
{{- end }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* Settings of every container. Names, never values, of what is secret. */}}
{{- define "muse.env" -}}
- {name: MUSE_ALLOWED_HOSTS, value: {{ append .Values.hosts "localhost" | join "," | quote }}}
- {name: MUSE_LAKE, value: {{ .Values.lake | quote }}}
- {name: MUSE_FILES, value: {{ .Values.files | quote }}}
- {name: MUSE_SECRET_KEY_FILE, value: /run/secrets/muse/secret_key}
- {name: DATABASE_URL_FILE, value: /run/secrets/muse/database_url}
- {name: REDIS_URL_FILE, value: /run/secrets/muse/redis_url}
{{- if .Values.s3Keys }}
- {name: MUSE_S3_ACCESS_KEY_FILE, value: /run/secrets/muse/s3_access_key}
- {name: MUSE_S3_SECRET_KEY_FILE, value: /run/secrets/muse/s3_secret_key}
{{- end }}
{{- range $name, $value := .Values.settings }}
- {name: {{ $name }}, value: {{ $value | toString | quote }}}
{{- end }}
{{- end }}

{{- define "muse.mounts" -}}
- {name: data, mountPath: /data}
- {name: tmp, mountPath: /tmp}
- {name: secrets, mountPath: /run/secrets/muse, readOnly: true}
{{- end }}

{{/* `owner`: whether the address of the tables' owner is among the secrets. */}}
{{- define "muse.volumes" -}}
- name: tmp
  emptyDir: {}
- name: secrets
  secret:
    secretName: {{ .root.Values.existingSecret }}
    defaultMode: 0440
    items:
      {{- $keys := list "secret_key" "database_url" "redis_url" }}
      {{- if .owner }}{{ $keys = append $keys "database_owner_url" }}{{ end }}
      {{- if .root.Values.s3Keys }}{{ $keys = concat $keys (list "s3_access_key" "s3_secret_key") }}{{ end }}
      {{- range $keys }}
      - {key: {{ . }}, path: {{ . }}}
      {{- end }}
{{- end }}

{{/* A service knows itself as localhost too, which is how the kubelet asks. */}}
{{- define "muse.probes" -}}
startupProbe:
  httpGet: {path: /healthz, port: http, httpHeaders: [{name: Host, value: localhost}]}
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /healthz, port: http, httpHeaders: [{name: Host, value: localhost}]}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /readyz, port: http, httpHeaders: [{name: Host, value: localhost}]}
  periodSeconds: 2
  timeoutSeconds: 3
{{- end }}
