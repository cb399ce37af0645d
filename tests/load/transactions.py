#!/usr/bin/env python3
"""transactions.py BOOTSTRAP TOPIC PARTITIONS: transactions of several producers (librdkafka), in the order of the words on standard input.

`b1` producer 1 begins, `p1` it writes three events to each partition, `c1` commits, `a1` aborts, `n` one event to each partition outside
any transaction. Answers each line with one JSON line {"written": events so far}; what is open at the end of input stays open.
"""
import json
import os
import sys

from confluent_kafka import Producer

bootstrap, topic, partitions = sys.argv[1], sys.argv[2], int(sys.argv[3])
written = 0


def on_delivery(error, _message):
    if error is not None:
        raise RuntimeError(error)


def open_producer(**settings):
    common = {"bootstrap.servers": bootstrap, "enable.idempotence": True, "on_delivery": on_delivery}
    return Producer({**common, **settings})


def write(producer, who, count):
    global written
    for _ in range(count):
        for partition in range(partitions):
            event = {"event_type": "transaction", "session_id": f"{who}-{written}"}
            producer.produce(topic, value=json.dumps(event), partition=partition)
            written += 1
    producer.flush(30)


outside = open_producer()
transactional = {}
for line in sys.stdin:
    for word in line.split():
        kind, who = word[0], word[1:]
        if kind == "n":
            write(outside, "outside", 1)
            continue
        if who not in transactional:
            transactional[who] = open_producer(**{"transactional.id": f"{topic}-{who}", "compression.type": "lz4"})
            transactional[who].init_transactions(30)
        one = transactional[who]
        if kind == "b":
            one.begin_transaction()
        elif kind == "p":
            write(one, who, 3)
        elif kind == "c":
            one.commit_transaction(30)
        elif kind == "a":
            one.abort_transaction(30)
    print(json.dumps({"written": written}), flush=True)
# Ending in order would abort what is open.
os._exit(0)
