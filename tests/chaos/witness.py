#!/usr/bin/env python3
"""witness.py BOOTSTRAP TOPIC PARTITIONS: what a reader that is not ours can read under read_committed, as it becomes readable, until killed.

Prints a JSON line every half second, [[partition, append second's half as epoch ms, last offset read of it], ...], the records' times being
those at which the broker appended them.
"""
import json
import sys
import time

from confluent_kafka import Consumer, TopicPartition

bootstrap, topic, partitions = sys.argv[1], sys.argv[2], int(sys.argv[3])
BUCKET_MS = 500
consumer = Consumer(
    {
        "bootstrap.servers": bootstrap,
        "group.id": f"witness-{topic}",
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        "isolation.level": "read_committed",
        "reconnect.backoff.max.ms": 1_000,
        "socket.timeout.ms": 10_000,
    }
)
consumer.assign([TopicPartition(topic, partition, 0) for partition in range(partitions)])
buckets = {}
told = time.monotonic()
while True:
    for message in consumer.consume(5_000, 0.2):
        if message.error() is not None:
            continue
        bucket = message.timestamp()[1] // BUCKET_MS * BUCKET_MS
        buckets[(message.partition(), bucket)] = message.offset()
    if time.monotonic() - told >= 0.5:
        told = time.monotonic()
        print(json.dumps([[partition, bucket, last] for (partition, bucket), last in buckets.items()]), flush=True)
        buckets = {}
