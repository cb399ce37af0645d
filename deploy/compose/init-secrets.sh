#!/usr/bin/env bash
# Makes the passwords of compose.yaml once: deploy/compose/secrets/, and deploy/compose/.env that names the folder.
#   init-secrets.sh          random ones; what is there already is kept
#   init-secrets.sh --demo   one known password for all, and the profile `demo`: for a look, on a machine of one's own
# With SILT_SECRETS=<folder> they go there, and .env is left alone.
set -euo pipefail
demo_password=silt-demo-password
folder=secrets
case "${1:-}" in
  '') demo=false ;;
  --demo) demo=true folder=demo-secrets ;;
  *) sed -n '2,5p' "$0" >&2 && exit 2 ;;
esac
folder=${SILT_SECRETS:-$(dirname "$0")/$folder}

# Containers read these files under user ids of their own: the folder keeps others out, not the files.
umask 022
mkdir -p "$folder"
chmod 700 "$folder"

random() { head -c 24 /dev/urandom | od -An -vtx1 | tr -d ' \n'; }
make() {
  [ -s "$folder/$1" ] || printf '%s' "$2" >"$folder/$1"
  chmod 444 "$folder/$1"
}
password() { if $demo; then printf '%s' "$demo_password"; else random; fi; }

make store_root_user silt-root
make store_root_password "$(password)"
for actor in ingestor writer committer operator upkeep; do make "store_$actor" "$(password)"; done
for actor in ingestor writer committer console operator; do make "redis_$actor" "$(password)"; done
for name in collector_token console_token console_admin_token grafana_admin_password hot_store_password; do
  make "$name" "$(password)"
done
make bento_env "HOT_STORE_DSN=postgres://events:$(cat "$folder/hot_store_password")@hot-store:5432/events?sslmode=disable"

# Redis is given digests of the passwords, and what each user may do. Made again each time: they follow from the passwords and deploy/policies.
digest() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d' ' -f1; }
{
  # Nobody logs in as it, but Redis replays its append-only file as this user: without rights it would lose the transactions in there.
  echo 'user default off resetpass ~* &* +@all'
  echo 'user health on nopass resetkeys resetchannels -@all +ping'
  for actor in ingestor writer committer console operator; do
    echo "user $actor on #$(digest <"$folder/redis_$actor") $(cat "$(dirname "$0")/../policies/redis/$actor.acl")"
  done
} >"$folder/redis_acl.new"
chmod 444 "$folder/redis_acl.new"
mv "$folder/redis_acl.new" "$folder/redis_acl"

if [ -z "${SILT_SECRETS:-}" ]; then
  env_file=$(dirname "$0")/.env
  line="SILT_SECRETS=./$(basename "$folder")"
  if [ ! -e "$env_file" ]; then
    echo "$line" >"$env_file"
    if $demo; then echo 'COMPOSE_PROFILES=demo' >>"$env_file"; fi
  elif ! grep -qxF "$line" "$env_file"; then
    if $demo; then line="$line and COMPOSE_PROFILES=demo"; fi
    echo "$env_file is there and does not say $line: change it yourself, this script overwrites nothing" >&2
    exit 1
  fi
fi
if $demo; then echo "every password and token is $demo_password"; else echo "passwords are in $folder"; fi
