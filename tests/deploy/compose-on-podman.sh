#!/usr/bin/env bash
# Shows deploy/compose at work without a Docker engine: `bash tests/deploy/compose-on-podman.sh` (npm run demo:compose), as root on Debian.
# Builds the image from the Dockerfile, stand-ins for the others, runs `docker compose up` of the default profile on podman, sends
# events, reads the table, scales writers under load, takes everything down and up again, and audits. About five minutes; the first time ten.
set -euo pipefail
cd "$(dirname "$0")/../.."
# npm finds its settings beside the Node it runs on: the machine's own, not the one that npm scripts have in front.
PATH=$(tr ':' '\n' <<<"$PATH" | grep -v 'node_modules/.bin$' | paste -sd:)
cache="${SILT_SERVERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/silt-servers}"
work=$(mktemp -d "${TMPDIR:-/tmp}/silt-compose-XXXXXX")
say() { printf '%s %s\n' "$(date -u +%H:%M:%S)" "$*"; }
fail() { say "FAILED: $*" && exit 1; }

missing=()
for program in podman buildah runc conmon mmdebstrap iptables go javac python3; do command -v "$program" >/dev/null || missing+=("$program"); done
[ -x /usr/lib/podman/netavark ] || missing+=(netavark aardvark-dns)
if [ ${#missing[@]} -gt 0 ]; then
  echo "missing: ${missing[*]}. Debian: apt-get install podman buildah runc conmon netavark aardvark-dns iptables mmdebstrap golang default-jdk-headless" >&2
  exit 2
fi
# shellcheck source=tests/deploy/stand-ins.sh
. tests/deploy/stand-ins.sh
# shellcheck source=tests/deploy/podman.sh
. tests/deploy/podman.sh

free_ports() { node -e '
  const net = require("net"), n = 6, open = [];
  for (let i = 0; i < n; i++) open.push(net.createServer().listen(0, "127.0.0.1"));
  setTimeout(() => { console.log(open.map((s) => s.address().port).join(" ")); open.forEach((s) => s.close()) }, 100)'; }
read -r KAFKA_HOST_PORT MINIO_API_PORT MINIO_CONSOLE_PORT COLLECTOR_PORT CONSOLE_PORT PROMETHEUS_PORT < <(free_ports)
export KAFKA_HOST_PORT MINIO_API_PORT MINIO_CONSOLE_PORT COLLECTOR_PORT CONSOLE_PORT PROMETHEUS_PORT
export SILT_SECRETS="$work/secrets"

# The Python of the tests: Docker Compose is one of its packages, the table's reader and the producer are others.
python=$(node -e 'import("./scripts/prerequisites.js").then(async (p) => { const no = await p.preparePython(); if (no) throw new Error(no); console.log(process.env.SILT_TEST_PYTHON) })' | tail -1)
compose() { "$(dirname "$python")/docker-compose" --project-name silt-demo --file deploy/compose/compose.yaml --file tests/deploy/small-units.yaml "$@"; }

end() {
  code=$?
  set +e
  if [ $code -ne 0 ]; then compose logs --no-color >"$work/compose.log" 2>&1 && say "logs of all containers: $work/compose.log"; fi
  compose down --volumes --timeout 5 >/dev/null 2>&1
  stop_podman
  if [ $code -eq 0 ]; then rm -rf "$work"; fi
  exit $code
}
trap end EXIT

up() {
  compose up --detach --pull never --no-build --wait --wait-timeout 600 --scale grafana=0 "$@" >"$work/up.log" 2>&1 && return
  grep -vE '(Creat|Start|Runn|Wait|Recreat)(ing|ed)|Healthy|Exited' "$work/up.log"
  fail "docker compose up $*"
}
secret() { cat "$SILT_SECRETS/$1"; }
table() {
  AWS_ENDPOINT_URL="http://127.0.0.1:$MINIO_API_PORT" AWS_ACCESS_KEY_ID=operator AWS_SECRET_ACCESS_KEY=$(secret store_operator) \
    "$python" tests/deploy/table_rows.py s3://analytics/delta/analytics-events
}
produce() { "$python" tests/load/produce.py "$1" "127.0.0.1:$KAFKA_HOST_PORT" analytics-events 6; }
# settled N: waits until the table, read by delta-rs, has N rows from N places.
settled() {
  local seen=''
  for _ in $(seq 90); do
    seen=$(table 2>/dev/null || true)
    case $seen in *"\"rows\": $1, \"places\": $1}") say "table, read by deltalake: $seen" && return ;; esac
    sleep 2
  done
  fail "the table should have $1 rows, it has: $seen"
}
prometheus() {
  curl -fsS "http://127.0.0.1:$PROMETHEUS_PORT/api/v1/query" --data-urlencode "query=$1" |
    node -e 'const r = JSON.parse(require("fs").readFileSync(0)).data.result; console.log(r.map((x) => `${x.metric.service ?? ""} ${x.metric.instance ?? ""} ${x.value[1]}`.trim()).join("; ") || "nothing")'
}

say "== images"
bash deploy/compose/init-secrets.sh
configure_podman
build_stand_ins
ca=$(npm config get cafile 2>/dev/null)
printf 'registry=%s\n' "$(npm config get registry 2>/dev/null)" >"$work/npmrc"
volume=()
if [ -e "$ca" ]; then echo "cafile=$ca" >>"$work/npmrc" && volume=(--volume "$ca:$ca:ro"); fi
SILT_NPMRC="$work/npmrc" bash deploy/compose/build-image.sh --pull=never --quiet "${volume[@]}"
say "built by $(buildah --version), run by $(podman --version) and $(compose version)"

start_podman
say "== up: the default profile, without Grafana, for which there is no stand-in"
up
compose ps --format 'table {{.Service}}\t{{.Image}}\t{{.Status}}'

say "== events in, by the collector and by a producer"
TOPICS_DIR="$work/topics" node_modules/.bin/silt demo --events 120000 >/dev/null
cat "$work"/topics/analytics-events/*.ndjson >"$work/events.ndjson"
sed -n 1,1000p "$work/events.ndjson" | curl -fsS "http://127.0.0.1:$COLLECTOR_PORT/events" -H "authorization: Bearer $(secret collector_token)" \
  -H 'content-type: application/x-ndjson' --data-binary @- && echo
sed -n 1001,20000p "$work/events.ndjson" >"$work/part.ndjson"
produce "$work/part.ndjson"
settled 20000

say "== four writers under load"
sed -n 20001,50000p "$work/events.ndjson" >"$work/part.ndjson"
produce "$work/part.ndjson" >"$work/produced" &
producer=$!
up --no-recreate --scale writer=4
say "writers: $(compose ps --quiet writer | wc -l)"
wait "$producer" && cat "$work/produced"
sed -n 50001,90000p "$work/events.ndjson" >"$work/part.ndjson"
produce "$work/part.ndjson"
settled 90000
sleep 12
say "scraped: $(prometheus 'count by (service) (up{job="silt"} == 1)')"
say "units by writer: $(prometheus 'silt_units_written_total{service="writer"}')"
[ "$(prometheus 'count(silt_units_written_total{service="writer"} > 0)')" = 4 ] || fail 'not every writer has written'
say "committers with the lease: $(prometheus 'sum(silt_committer_active)')"
say "the store's audit log: $("$python" tests/deploy/store_audit.py "127.0.0.1:$KAFKA_HOST_PORT")"

say "== down, with events that nobody has settled, and up again"
sed -n 90001,120000p "$work/events.ndjson" >"$work/part.ndjson"
compose stop --timeout 30 ingestor writer committer >/dev/null 2>&1
produce "$work/part.ndjson"
compose down --timeout 30 >/dev/null 2>&1
say "containers left: $(podman ps --all --quiet | wc -l); volumes: $(podman volume ls --quiet | tr '\n' ' ')"
up
if compose logs redis | grep -F CRITICAL; then fail 'Redis did not take up what it had kept'; fi
settled 120000

say "== audit, as the operator"
compose run --rm --no-deps silt audit || fail 'the audit found a fault'
say "== passed"
