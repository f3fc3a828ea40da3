#!/bin/sh
# Makes the secrets of compose.yaml, passwords, URLs that hold them and certificates, in docker/secrets
# or the directory that is named. What is there stays: run it as often as you like. It needs openssl.
#
# The directory is closed to everybody else on this machine. The files in it can be read by anybody,
# since each process reads its own as another user, in a container that has no others.
set -eu
directory=${1:-$(dirname "$0")/secrets}
mkdir -p "$directory"
chmod 700 "$directory"
cd "$directory"
umask 022

random() { openssl rand -hex 32; }

# keep NAME: what comes in is kept under this name, unless that is there.
keep() {
  cat >"$1.new"
  if [ -s "$1" ]; then rm "$1.new"; else mv "$1.new" "$1"; fi
}

# database_url FILE ROLE DATABASE PASSWORD
database_url() { echo "postgres://$2:$4@postgres:5432/$3" | keep "$1"; }

random | keep postgres_password
random | keep secret_key
random | keep grafana_password

house=$(random)
for service in auth orders kitchen delivery; do
  database_url "${service}_owner_url" "${service}_owner" "$service" "$(random)"
  database_url "${service}_url" "$service" "$service" "$(random)"
  database_url "house_${service}_url" house "$service" "$house"
done
live=$(random)
for service in auth orders; do
  database_url "live_${service}_url" live "$service" "$live"
done

# Valkey knows the password by its hash alone. Who has none may ask whether it lives.
password=$(random)
hash=$(printf %s "$password" | openssl dgst -sha256 -r | cut -d ' ' -f 1)
if [ ! -s redis_url ] || [ ! -s valkey_users ]; then
  rm -f redis_url valkey_users
  keep valkey_users <<END
user default on nopass -@all +ping
user restaurant on #$hash ~* &* +@all -@admin -@dangerous +info +keys
END
  echo "redis://restaurant:$password@valkey:6379" | keep redis_url
fi

# An authority of our own: auth's server shows its certificate, and asks its clients for theirs.
days=3650
if [ ! -s ca.pem ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days $days \
    -subj "/CN=Restaurant" -keyout ca.key -out ca.pem 2>/dev/null
fi
chmod 600 ca.key

# certificate NAME USE: made out to this name, for serverAuth or clientAuth.
certificate() {
  [ ! -s "$1.pem" ] || return 0
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" \
    -keyout "$1.key" -out "$1.csr" 2>/dev/null
  printf 'subjectAltName=DNS:%s,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=%s\n' "$1" "$2" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days $days \
    -extfile "$1.ext" -out "$1.pem" 2>/dev/null
  rm "$1.csr" "$1.ext"
  chmod 644 "$1.key"
}
certificate auth serverAuth
certificate web clientAuth
certificate live clientAuth

echo "$PWD is complete: keep it, and keep it to yourself."
