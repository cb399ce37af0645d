#!/usr/bin/env python3
"""produce.py FILE BOOTSTRAP TOPIC PARTITIONS [CODEC,...]: one record a line of FILE (- is stdin), line i to partition i % PARTITIONS.

A producer that is not ours (librdkafka), idempotent, one a codec: partition p uses codec p % len(codecs).
Prints one JSON line: records and the number delivered by partition.
"""
import json
import sys

from confluent_kafka import Producer

path, bootstrap, topic, partitions = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
codecs = (sys.argv[5] if len(sys.argv) > 5 else "none,gzip,snappy,lz4,zstd").split(",")
producers = [
    Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "compression.type": codec,
            "linger.ms": 50,
            "batch.size": 200_000,
            "queue.buffering.max.messages": 200_000,
            "queue.buffering.max.kbytes": 262_144,
        }
    )
    for codec in codecs
]
delivered = [0] * partitions
failures = []


def on_delivery(error, message):
    if error is None:
        delivered[message.partition()] += 1
    else:
        failures.append(str(error))


with sys.stdin.buffer if path == "-" else open(path, "rb") as lines:
    for index, line in enumerate(lines):
        partition = index % partitions
        producer = producers[partition % len(producers)]
        value = line[:-1] if line.endswith(b"\n") else line
        while True:
            try:
                producer.produce(topic, value, partition=partition, on_delivery=on_delivery)
                break
            except BufferError:
                producer.poll(0.1)
        if index % 1000 == 0:
            for each in producers:
                each.poll(0)
for each in producers:
    each.flush(120)
print(json.dumps({"records": sum(delivered), "delivered": delivered, "failures": failures[:3]}))
sys.exit(1 if failures else 0)
