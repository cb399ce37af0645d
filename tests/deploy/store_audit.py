#!/usr/bin/env python3
"""store_audit.py BOOTSTRAP: reads the store's audit log to its present end; prints one JSON line: its records, and who put and deleted how often."""
import json
import sys
from collections import Counter

from confluent_kafka import Consumer, TopicPartition

topic = "store-audit"
consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "silt-demo", "enable.auto.commit": False})
_, end = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=20)
consumer.assign([TopicPartition(topic, 0, 0)])
seen = Counter()
for message in iter(lambda: consumer.poll(10), None):
    entry = json.loads(message.value())
    name = entry.get("api", {}).get("name", "")
    if name.startswith(("Put", "Delete")):
        seen[f"{entry.get('accessKey', 'nobody')} {name} {entry['api'].get('statusCode')}"] += 1
    if message.offset() + 1 >= end:
        break
print(json.dumps({"records": end, "puts and deletes": dict(sorted(seen.items()))}))
