{{- define "mailsetup.name" -}}
{{ .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "mailsetup.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "mailsetup.name" .) .Release.Name -}}
{{ .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name (include "mailsetup.name" .) | trunc 63 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{- define "mailsetup.selector" -}}
app.kubernetes.io/name: {{ include "mailsetup.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mailsetup.labels" -}}
{{ include "mailsetup.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "mailsetup.configMap" -}}
{{ .Values.existingConfigMap | default (include "mailsetup.fullname" .) }}
{{- end }}

{{- define "mailsetup.secret" -}}
{{ .Values.secret.existing | default (include "mailsetup.fullname" .) }}
{{- end }}

{{- define "mailsetup.claim" -}}
{{ .Values.certStorage.volume.existingClaim | default (include "mailsetup.fullname" .) }}
{{- end }}

{{- /* "true" if several servers may run at a time */ -}}
{{- define "mailsetup.several" -}}
{{- if or .Values.autoscaling.enabled (gt (int .Values.replicas) 1) -}}true{{- end -}}
{{- end }}

{{- /* "true" if certificates are kept in a volume, for the only server */ -}}
{{- define "mailsetup.ownVolume" -}}
{{- if and (eq .Values.tls.mode "acme") (not .Values.certStorage.shared) -}}true{{- end -}}
{{- end }}

{{- /* Fails for contradictory values that a schema cannot detect. */ -}}
{{- define "mailsetup.check" -}}
{{- if and (include "mailsetup.ownVolume" .) (include "mailsetup.several" .) -}}
{{- fail "several replicas with tls.mode acme need certStorage.shared, or set replicas to 1 and autoscaling.enabled to false" -}}
{{- end -}}
{{- if and .Values.certStorage.shared (not .Values.secret.existing) (not .Values.secret.certStorage) -}}
{{- fail "certStorage.shared: give secret.certStorage, a redis:// or postgres:// URL, or secret.existing" -}}
{{- end -}}
{{- if and .Values.tls.acme.externalAccount (not .Values.secret.existing) (not .Values.secret.externalAccount) -}}
{{- fail "tls.acme.externalAccount: give secret.externalAccount, the key ID and the HMAC key on two lines, or secret.existing" -}}
{{- end -}}
{{- if and .Values.tls.acme.externalAccount (ne .Values.tls.mode "acme") -}}
{{- fail "tls.acme.externalAccount: only tls.mode acme needs an account" -}}
{{- end -}}
{{- if and .Values.tls.signProfiles .Values.signingSecret -}}
{{- fail "tls.signProfiles and signingSecret: profiles are signed with one of the two" -}}
{{- end -}}
{{- if and (or .Values.tls.signProfiles (eq .Values.tls.mode "acme")) (not .Values.publicURL) -}}
{{- fail "tls.mode acme and tls.signProfiles need publicURL: its host name tells the server which address is its own" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (ne .Values.tls.mode "off") -}}
{{- fail "ingress.enabled: an Ingress ends TLS itself; set tls.mode to off, or use service.type LoadBalancer" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.domains) (not .Values.ingress.hosts) -}}
{{- fail "ingress.enabled: give ingress.domains or ingress.hosts" -}}
{{- end -}}
{{- end }}

{{- /* One line for each argument of the program. */ -}}
{{- define "mailsetup.args" -}}
- serve
- --providers=/etc/mailsetup/tables
- --admin-listen=:8081
- --drain=5s
- --log-format=json
- --token-key=/etc/mailsetup/keys/token.key
{{- with .Values.publicURL }}
- {{ printf "--public-url=%s" . | quote }}
{{- end }}
- --tls={{ .Values.tls.mode }}
{{- if eq .Values.tls.mode "off" }}
- --listen=:8080
{{- else }}
- --listen=:8443
- --http-listen=:8080
{{- end }}
{{- if eq .Values.tls.mode "files" }}
{{- range .Values.tls.secrets }}
- --tls-cert=/etc/mailsetup/tls/{{ . }}/tls.crt
- --tls-key=/etc/mailsetup/tls/{{ . }}/tls.key
{{- end }}
{{- end }}
{{- if eq .Values.tls.mode "acme" }}
- {{ printf "--acme-email=%s" .Values.tls.acme.email | quote }}
{{- with .Values.tls.acme.directory }}
- {{ printf "--acme-ca=%s" . | quote }}
{{- end }}
{{- if .Values.tls.acme.externalAccount }}
- --acme-eab=/etc/mailsetup/keys/acme.eab
{{- end }}
{{- if .Values.certStorage.shared }}
- --cert-key=/etc/mailsetup/keys/storage.key
- --cert-cache=/var/lib/mailsetup/certificate-cache
{{- else }}
- --cert-storage=/var/lib/mailsetup/certificates
{{- end }}
{{- end }}
{{- if .Values.tls.signProfiles }}
- --sign-with-tls
{{- end }}
{{- if .Values.signingSecret }}
- --sign-cert=/etc/mailsetup/signing/tls.crt
- --sign-key=/etc/mailsetup/signing/tls.key
{{- end }}
{{- range $flag, $value := .Values.flags }}
{{- range kindIs "slice" $value | ternary $value (list $value) }}
- {{ printf "--%s=%v" $flag (kindIs "float64" . | ternary (toJson .) .) | quote }}
{{- end }}
{{- end }}
{{- end }}
