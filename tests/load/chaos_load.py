#!/usr/bin/env python3
"""chaos_load.py BOOTSTRAP TOPIC PARTITIONS RATE LEDGER: events at RATE a second until standard input ends, whatever happens to the brokers.

A client that is not ours (librdkafka): half of the events outside transactions, half in those of two producers, one transaction in six aborted.
Every event has an id that is used once; one in fifty is no JSON. LEDGER gets one line `OUTCOME ID` for each:
`acked` (outside transactions), `committed`, `aborted`, or `unknown` where the client cannot tell. Prints one JSON line of counts at the end.
"""
import json
import sys
import threading
import time

from confluent_kafka import KafkaException, Producer

bootstrap, topic, partitions, rate = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
ledger = open(sys.argv[5], "w", buffering=1 << 16)
ledger_lock = threading.Lock()
counts = {"acked": 0, "committed": 0, "aborted": 0, "unknown": 0}
stopping = threading.Event()

COMMON = {
    "bootstrap.servers": bootstrap,
    "enable.idempotence": True,
    "linger.ms": 20,
    "socket.timeout.ms": 10_000,
    "reconnect.backoff.max.ms": 1_000,
}
OUTSIDE = COMMON | {"compression.type": "lz4", "message.timeout.ms": 60_000}
TRANSACTIONAL = COMMON | {"compression.type": "zstd", "message.timeout.ms": 20_000, "transaction.timeout.ms": 20_000}
TRANSACTION_SECONDS = 1.0
# After so many events of a producer a field comes that the table has no column for.
COLUMN_EVENTS = 4_000
BEHIND_SECONDS_MAX = 2.0
ANSWER_SECONDS = 5


def record(outcome, ids):
    with ledger_lock:
        counts[outcome] += len(ids)
        ledger.writelines(f"{outcome} {each}\n" for each in ids)


def value(event_id, number):
    if number % 50 == 49:
        return f"no json {event_id}".encode()
    event = {"event_type": "chaos", "session_id": event_id, "interaction_value": number, f"extra_{number // COLUMN_EVENTS}": "x" * (number % 200)}
    return json.dumps(event).encode()


class Pace:
    """How many events are due; time lost to an outage is not made up for."""

    def __init__(self, per_second):
        self.per_second = per_second
        self.start = time.monotonic()
        self.sent = 0

    def due(self):
        now = time.monotonic()
        missing = (now - self.start) * self.per_second - self.sent
        if missing > BEHIND_SECONDS_MAX * self.per_second:
            self.start = now - self.sent / self.per_second
            missing = 1
        return int(missing)


def outside(who, per_second):
    """Events of their own, each acknowledged by itself."""

    def delivery_of(event_id):
        return lambda error, _message: record("acked" if error is None else "unknown", [event_id])

    producer, pace, number = Producer(OUTSIDE), Pace(per_second), 0
    while not stopping.is_set():
        for _ in range(pace.due()):
            event_id = f"{who}-{number}"
            try:
                producer.produce(topic, value(event_id, number), partition=number % partitions, on_delivery=delivery_of(event_id))
            except BufferError:
                break
            except KafkaException as error:
                if not error.args[0].fatal():
                    raise
                record("unknown", [event_id])
                producer.flush(1)
                producer = Producer(OUTSIDE)
            number += 1
            pace.sent += 1
        producer.poll(0.02)
    producer.flush(120)


def until_answered(call):
    """Asks again while the client says that asking again is safe."""
    while True:
        try:
            return call(ANSWER_SECONDS)
        except KafkaException as error:
            if not error.args[0].retriable():
                raise


def open_transactional(who):
    while True:
        producer = Producer(TRANSACTIONAL | {"transactional.id": f"{topic}-{who}"})
        try:
            until_answered(producer.init_transactions)
            return producer
        except KafkaException as error:
            print(f"{who}: {error}", file=sys.stderr, flush=True)
            time.sleep(0.5)


def give_up(producer):
    """Whether the transaction is known to be aborted."""
    try:
        until_answered(producer.abort_transaction)
        return True
    except KafkaException:
        return False


def transactions(who, per_second):
    """Transactions of about a second, over all partitions."""
    producer, pace, number, turn = open_transactional(who), Pace(per_second), 0, 0
    while not stopping.is_set():
        ids, turn = [], turn + 1
        is_usable = True
        try:
            producer.begin_transaction()
            end = time.monotonic() + TRANSACTION_SECONDS
            while time.monotonic() < end and not stopping.is_set():
                for _ in range(pace.due()):
                    event_id = f"{who}-{number}"
                    ids.append(event_id)
                    producer.produce(topic, value(event_id, number), partition=number % partitions)
                    number += 1
                    pace.sent += 1
                producer.poll(0.02)
            if turn % 6 == 0:
                until_answered(producer.abort_transaction)
                record("aborted", ids)
            else:
                until_answered(producer.commit_transaction)
                record("committed", ids)
        except (KafkaException, BufferError) as error:
            print(f"{who}: {error}", file=sys.stderr, flush=True)
            kafka_error = error.args[0] if isinstance(error, KafkaException) else None
            is_usable = kafka_error is None or kafka_error.txn_requires_abort()
            is_aborted = is_usable and give_up(producer)
            record("aborted" if is_aborted else "unknown", ids)
            is_usable = is_aborted
        if not is_usable:
            # A successor of the same transactional id ends what its predecessor left open.
            producer = open_transactional(who)


def crash_on_error(work):
    def run(*args):
        try:
            work(*args)
        except BaseException as error:
            failures.append(repr(error))
            stopping.set()
            raise

    return run


failures = []
threads = [
    threading.Thread(target=crash_on_error(outside), args=("o", rate / 2), daemon=True),
    threading.Thread(target=crash_on_error(transactions), args=("t1", rate / 4), daemon=True),
    threading.Thread(target=crash_on_error(transactions), args=("t2", rate / 4), daemon=True),
]


def until_told():
    sys.stdin.read()
    stopping.set()


threading.Thread(target=until_told, daemon=True).start()
for thread in threads:
    thread.start()
stopping.wait()
for thread in threads:
    thread.join(180)
    if thread.is_alive():
        failures.append(f"{thread.name} did not end")
with ledger_lock:
    ledger.close()
print(json.dumps({**counts, "failures": failures}), flush=True)
