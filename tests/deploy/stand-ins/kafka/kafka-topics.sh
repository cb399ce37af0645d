#!/bin/bash
exec java ${KAFKA_HEAP_OPTS:-} -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp '/opt/kafka/tools:/opt/kafka/libs/*' Topics "$@"
