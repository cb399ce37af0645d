#!/usr/bin/env python3
"""topic_places.py BOOTSTRAP TOPIC ISOLATION: every record a librdkafka consumer is handed, to the end of each partition.

Prints one JSON line {"places": [[partition, offset], ...]}, sorted.
"""
import json
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

bootstrap, topic, isolation = sys.argv[1:4]
consumer = Consumer(
    {
        "bootstrap.servers": bootstrap,
        "group.id": f"{topic}-reference",
        "isolation.level": isolation,
        "enable.auto.commit": False,
        "enable.partition.eof": True,
    }
)
partitions = set(consumer.list_topics(topic, 20).topics[topic].partitions)
consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
places = []
while partitions:
    message = consumer.poll(20)
    if message is None:
        raise TimeoutError("neither a record nor the end of a partition in 20 s")
    if message.error() is None:
        places.append([message.partition(), message.offset()])
    elif message.error().code() == KafkaError._PARTITION_EOF:
        partitions.discard(message.partition())
    else:
        raise RuntimeError(message.error())
consumer.close()
print(json.dumps({"places": sorted(places)}))
