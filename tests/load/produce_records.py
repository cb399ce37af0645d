#!/usr/bin/env python3
"""produce_records.py FILE BOOTSTRAP TOPIC PARTITIONS: exactly these records, record i to partition i % PARTITIONS, in order.

FILE holds one JSON object a line: {"key", "value"} in base64 or null, {"headers": [[name, base64 or null], ...], "timestampMs"}.
Prints one JSON line {"offsets": [...]}: where each went.
"""
import base64
import json
import sys

from confluent_kafka import Producer

path, bootstrap, topic, partitions = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
settings = {"bootstrap.servers": bootstrap, "enable.idempotence": True, "message.max.bytes": 32 * 2**20}
producers = [Producer({**settings, "compression.type": codec}) for codec in ("none", "zstd", "gzip")]
offsets = {}


def decoded(text):
    return None if text is None else base64.b64decode(text)


def delivered(index):
    def callback(error, message):
        if error is not None:
            raise RuntimeError(f"record {index}: {error}")
        offsets[index] = message.offset()

    return callback


count = 0
with open(path) as lines:
    for index, line in enumerate(lines):
        record = json.loads(line)
        partition = index % partitions
        producer = producers[partition % len(producers)]
        producer.produce(
            topic,
            partition=partition,
            key=decoded(record["key"]),
            value=decoded(record["value"]),
            headers=[(name, decoded(value)) for name, value in record["headers"]],
            timestamp=record["timestampMs"],
            on_delivery=delivered(index),
        )
        producer.poll(0)
        count += 1
for producer in producers:
    producer.flush(60)
print(json.dumps({"offsets": [offsets[index] for index in range(count)]}))
