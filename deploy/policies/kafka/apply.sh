#!/usr/bin/env bash
# Adds the rules of acls.txt to a cluster; rules that are there already stay. Rules taken out of the file are not removed.
#   BOOTSTRAP_SERVERS=kafka:9093 COMMAND_CONFIG=admin.properties bash apply.sh
# KAFKA_TOPIC and KAFKA_GROUP_ID where they are not the defaults, KAFKA_ACLS where kafka-acls.sh is elsewhere.
set -euo pipefail
topic=${KAFKA_TOPIC:-analytics-events}
group=${KAFKA_GROUP_ID:-silt-$topic}
acls=${KAFKA_ACLS:-/opt/kafka/bin/kafka-acls.sh}
while read -r principal operation kind name; do
  case $principal in '' | '#'*) continue ;; esac
  case $name in
    analytics-events) name=$topic ;;
    silt-analytics-events) name=$group ;;
  esac
  "$acls" --bootstrap-server "$BOOTSTRAP_SERVERS" ${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"} \
    --add --allow-principal "User:$principal" --operation "$operation" "--$kind" "$name"
done <"$(dirname "$0")/acls.txt"
