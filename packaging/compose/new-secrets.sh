#!/usr/bin/env bash
# Makes the secrets that compose.yaml names, once; what is there already stays as it is.
# The folder is closed to others; the files in it are readable, because containers read them as users of their own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
host="${1:-localhost}"
umask 077
mkdir -p secrets
cd secrets

random() { openssl rand -hex "$1" | tr -d '\n'; }

[ -e database-password ] || random 24 >database-password
[ -e merlon-master-key ] || printf 'k%s %s\n' "$(random 4)" "$(random 32)" >merlon-master-key
if [ ! -e tls-certificate ]; then
  # For a first look only: browsers warn of it. Put a certificate of your authority here in its stead.
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$host" \
    -addext "subjectAltName=DNS:$host" -addext basicConstraints=critical,CA:FALSE -keyout tls-key -out tls-certificate 2>/dev/null
fi
if [ ! -e merlon.toml ]; then
  cat >merlon.toml <<TOML
[store]
database = "postgres://merlon:$(cat database-password)@database/merlon"
cache = "/var/lib/merlon"

[server]
origin = "https://$host:${MERLON_PORT:-7070}"

[tls]
certificate = "/run/secrets/tls-certificate"
key = "/run/secrets/tls-key"
TOML
fi
chmod 644 -- *
echo "secrets/ is complete: keep a copy of merlon-master-key where no back-up of the database goes"
