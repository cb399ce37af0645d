#!/bin/sh
# Run by the Dockerfile as the image's user: leaves in node_modules/.cache/silt what Node compiles at a start (cli/bin/silt.js), for every start of the image.
# Node takes it by its version, the user's number, the processor's features and the paths of the files; elsewhere Silt starts as it would without.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
export OPS_PORT=0 LOG_LEVEL=warn TOPICS_DIR="$scratch/topics" DELTA_TABLE_PATH="$scratch/table"

# What is kept of a module is what its first process had compiled of it: those that do all their work come first.
NODE_DISABLE_COMPILE_CACHE=1 silt demo --events 20000 --partitions 2 >events.log
silt run --until-idle

# An actor of its own loads more; there is nobody to talk to here, and it ends as it is asked to.
export KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:1 REDIS_URL=redis://127.0.0.1:1 DELTA_TABLE_PATH=s3://bucket/table
export AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_ALLOW_HTTP=true AWS_REGION=none AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none
for actor in ingestor writer committer collector console; do
  CONSOLE_TOKEN=none-to-be-had-here timeout 10 silt run "$actor" >"$actor.log" 2>&1 &
done
wait
silt doctor >doctor.log || true

du -sh "$(dirname "$(readlink -f "$(command -v silt)")")/../../node_modules/.cache/silt"/*-"$(id -u)"
