#!/usr/bin/env python3
"""topic_ids.py BOOTSTRAP TOPIC PARTITIONS FILE: every record a reader that is not ours reads under read_committed, from the first to the end.

FILE gets a line `partition offset id` for each; prints one JSON line with their number.
"""
import json
import sys

from confluent_kafka import Consumer, KafkaError, TopicPartition

bootstrap, topic, partitions, path = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
PREFIX = b"no json "
consumer = Consumer(
    {
        "bootstrap.servers": bootstrap,
        "group.id": f"reader-{topic}",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
    }
)
consumer.assign([TopicPartition(topic, partition, 0) for partition in range(partitions)])
open_partitions, records = set(range(partitions)), 0
with open(path, "w") as file:
    while open_partitions:
        for message in consumer.consume(5_000, 1.0):
            error = message.error()
            if error is not None:
                if error.code() == KafkaError._PARTITION_EOF:
                    open_partitions.discard(message.partition())
                continue
            value = message.value()
            event_id = value[len(PREFIX) :].decode() if value.startswith(PREFIX) else json.loads(value)["session_id"]
            file.write(f"{message.partition()} {message.offset()} {event_id}\n")
            records += 1
consumer.close()
print(json.dumps({"records": records}))
