"""The second opinion: writes to Kafka and reads from it with librdkafka. One command per run, one line of JSON out."""

import json
import sys

from confluent_kafka import Consumer, Producer, TopicPartition


def delivered(error, message):
    if error is not None:
        raise RuntimeError(f"offset {message.offset()}: {error}")


def producer(servers, **settings):
    settings["on_delivery"] = delivered
    return Producer({"bootstrap.servers": servers, "enable.idempotence": True, "linger.ms": 20, **settings})


def codec(servers, topic, name, count):
    """`count` records to partition 0: every seventh without key, every eleventh a tombstone, every fifth with headers."""
    out = producer(servers, **{"compression.type": name, "batch.num.messages": 400})
    for index in range(count):
        out.produce(
            topic,
            partition=0,
            key=None if index % 7 == 0 else f"key-{index}",
            value=None if index % 11 == 0 else json.dumps({"index": index, "text": "ä" * (index % 300)}),
            headers=[("trace", str(index).encode()), ("none", None)] if index % 5 == 0 else None,
            timestamp=1_700_000_000_000 + index,
        )
        if index % 500 == 0:
            out.poll(0)
    out.flush(30)
    return {"produced": count}


def transactions(servers, topic, script):
    """
    Runs transactions of several producers in the order of the words: `b1` producer 1 begins, `3` … `p1` it writes three records,
    `c1` commits, `a1` aborts, `n` a record outside any transaction.
    """
    outside = producer(servers)
    producers = {}
    written = 0
    for word in script.split():
        kind, who = word[0], word[1:]
        if kind == "n":
            outside.produce(topic, value=f"{written}", partition=0)
            outside.flush(30)
            written += 1
            continue
        if who not in producers:
            producers[who] = producer(servers, **{"transactional.id": f"{topic}-{who}", "compression.type": "lz4"})
            producers[who].init_transactions(30)
        one = producers[who]
        if kind == "b":
            one.begin_transaction()
        elif kind == "p":
            for _ in range(3):
                one.produce(topic, value=f"{written}", partition=0)
                written += 1
            one.flush(30)
        elif kind == "c":
            one.commit_transaction(30)
        elif kind == "a":
            one.abort_transaction(30)
    return {"written": written}


def consume(servers, topic, isolation, end):
    """Offsets of partition 0 below `end` that a librdkafka consumer hands out."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": f"{topic}-peer",
            "isolation.level": isolation,
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    consumer.assign([TopicPartition(topic, 0, 0)])
    offsets = []
    while True:
        message = consumer.poll(20)
        if message is None:
            raise TimeoutError("neither a record nor the end of the partition in 20 s")
        if message.error():
            break
        if message.offset() >= end:
            break
        offsets.append([message.offset(), (message.value() or b"").decode()])
    consumer.close()
    return {"records": offsets}


if __name__ == "__main__":
    command, servers, topic, *rest = sys.argv[1:]
    if command == "codec":
        print(json.dumps(codec(servers, topic, rest[0], int(rest[1]))))
    elif command == "transactions":
        print(json.dumps(transactions(servers, topic, rest[0])))
    elif command == "consume":
        print(json.dumps(consume(servers, topic, rest[0], int(rest[1]))))
    else:
        raise SystemExit(f"unknown command {command}")
