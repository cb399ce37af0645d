#!/usr/bin/env bash
# Makes the topics that are missing; may run again at any time. Topics that exist are left as they are.
set -euo pipefail
topics=(/opt/kafka/bin/kafka-topics.sh --bootstrap-server "$BOOTSTRAP_SERVERS")

deadline=$((SECONDS + 120))
until "${topics[@]}" --list >/dev/null 2>&1; do
  if ((SECONDS > deadline)); then
    echo "no Kafka answers at $BOOTSTRAP_SERVERS" >&2
    "${topics[@]}" --list
    exit 1
  fi
  sleep 1
done

"${topics[@]}" --create --if-not-exists --topic "$EVENTS_TOPIC" --partitions "$EVENTS_PARTITIONS"
# The store's audit log: ninety days, whatever the retention of events.
"${topics[@]}" --create --if-not-exists --topic "$AUDIT_TOPIC" --partitions 1 --config retention.ms=7776000000
