#!/bin/sh
# Makes the bucket, and for each policy of deploy/policies/store a user of its name that has this policy and no other.
# May run again at any time: policies and passwords are then set to what the files say.
# Only the shell and mc: the image has neither sed nor jq.
set -eu
secrets=${SECRETS_DIR:-/run/secrets}
policies=${POLICIES_DIR:-/etc/silt/policies}
secret() { cat "$secrets/$1"; }
store() { mc --quiet "$@"; }

store alias set store "$STORE_URL" "$(secret store_root_user)" "$(secret store_root_password)" >/dev/null
store mb --ignore-existing "store/$STORE_BUCKET"
store anonymous set none "store/$STORE_BUCKET"

users=0
for policy in "$policies"/*.json; do
  [ -e "$policy" ] || break
  name=${policy##*/}
  name=${name%.json}
  if [ ! -r "$secrets/store_$name" ]; then
    echo "no secret store_$name: no user is made for $name.json" >&2
    continue
  fi
  store admin policy create store "silt-$name" "$policy"
  store admin user add store "$name" "$(secret "store_$name")"
  attached=$(store admin policy attach store "silt-$name" --user "$name" 2>&1) || case $attached in
    *'already in effect'*) ;;
    *) echo "$attached" >&2 && exit 1 ;;
  esac
  users=$((users + 1))
done
if [ "$users" -eq 0 ]; then
  echo 'no policy in deploy/policies/store: without users no actor can reach the store' >&2
  exit 1
fi
echo "bucket $STORE_BUCKET, $users users"
