#!/usr/bin/env python3
"""steady.py FILE BOOTSTRAP TOPIC PARTITION,... RATE SECONDS: the lines of FILE, over and over, dealt out over the partitions at RATE a second.

A producer that is not ours (librdkafka). Prints one JSON line: records delivered, when the first was handed over and the last was delivered (epoch ms).
"""
import json
import sys
import time

from confluent_kafka import Producer

path, bootstrap, topic = sys.argv[1:4]
partitions = [int(number) for number in sys.argv[4].split(",")]
rate, seconds = int(sys.argv[5]), float(sys.argv[6])
with open(path, "rb") as file:
    lines = file.read().splitlines()
producer = Producer(
    {
        "bootstrap.servers": bootstrap,
        "enable.idempotence": True,
        "compression.type": "lz4",
        "linger.ms": 5,
        "queue.buffering.max.messages": 200_000,
        "statistics.interval.ms": 0,
    }
)
delivered = dict.fromkeys(partitions, 0)
failures = []


def on_delivery(error, message):
    if error is None:
        delivered[message.partition()] += 1
    else:
        failures.append(str(error))


total = round(rate * seconds)
start_ms = time.time() * 1000
start = time.monotonic()
sent = 0
while sent < total:
    due = min(total, int((time.monotonic() - start) * rate))
    while sent < due:
        try:
            producer.produce(topic, lines[sent % len(lines)], partition=partitions[sent % len(partitions)], on_delivery=on_delivery)
            sent += 1
        except BufferError:
            producer.poll(0.05)
    producer.poll(0.005)
producer.flush(60)
report = {"records": sum(delivered.values()), "startMs": start_ms, "endMs": time.time() * 1000, "failures": failures[:3]}
print(json.dumps(report))
sys.exit(1 if failures else 0)
