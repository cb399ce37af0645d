#!/usr/bin/env python3
"""hostile.py TABLE RECORDS: whether each record is the row or the dead letter it should be, once, as delta-rs reads both tables.

RECORDS holds one JSON object a line: name, partition, offset, key and value in base64 or null, headers, timestampMs (null: not known),
expect. Storage options come from the environment (AWS_*). Prints one JSON line {"faults": [...], "rows": n, "deadLetters": n}.
"""
import base64
import datetime
import hashlib
import json
import os
import sys

from deltalake import DeltaTable

options = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
farthest_ms = 253_402_300_800_000
faults = []


def decoded(text):
    return None if text is None else base64.b64decode(text)


def by_place(uri):
    found = {}
    for row in DeltaTable(uri, storage_options=options).to_pyarrow_dataset().to_table().to_pylist():
        found.setdefault((row["_partition"], row["_offset"]), []).append(row)
    return found


def iso(moment):
    return moment.isoformat() if isinstance(moment, datetime.datetime) else moment


def kafka_time(record):
    return datetime.datetime.fromtimestamp(0, datetime.timezone.utc) + datetime.timedelta(milliseconds=record["timestampMs"])


def row_faults(record, row):
    expect = record["expect"]
    rescued = row["_rescued"]
    for name, wanted in expect.get("columns", {}).items():
        wanted = iso(row["_kafka_timestamp"]) if wanted == "kafka" else wanted
        if iso(row[name]) != wanted:
            yield f"{name} is {str(row[name])[:200]!r}, not {str(wanted)[:200]!r}"
    for name, text in expect.get("kept", {}).items():
        column = row.get(name)
        in_column = column is not None and column == (json.loads(text) if text.startswith('"') else text)
        if not in_column and f'"{name}":{text}' not in (rescued or ""):
            yield f"{name} is neither in a column nor rescued"
    if "kept" not in expect and rescued != expect.get("rescued"):
        yield f"_rescued is {str(rescued)[:200]!r}, not {str(expect.get('rescued'))[:200]!r}"


def dead_letter_faults(record, letter):
    value = decoded(record["value"])
    if letter["reason"] != record["expect"]["reason"]:
        yield f"the reason is {letter['reason']}, not {record['expect']['reason']}"
    if letter["reason"] == "too-large":
        if letter["value"] is not None:
            yield "its value is kept"
        for wanted in (str(len(value)), hashlib.sha256(value).hexdigest()):
            if wanted not in letter["detail"]:
                yield f"the detail {letter['detail']!r} lacks {wanted}"
    elif letter["value"] != value:
        yield "the value differs"
    if letter["key"] != decoded(record["key"]):
        yield f"the key is {letter['key']!r}"
    headers = [[each["key"], each["value"]] for each in letter["headers"] or []]
    if headers != [[name, decoded(each)] for name, each in record["headers"]]:
        yield f"the headers are {headers}"
    if letter["failed_at"] is None or letter["_topic"] is None:
        yield "it lacks its provenance"


rows, letters = by_place(sys.argv[1]), by_place(sys.argv[1].rstrip("/") + "-dead-letters")
expected = set()
with open(sys.argv[2]) as lines:
    for record in map(json.loads, lines):
        place = (record["partition"], record["offset"])
        expected.add(place)
        as_rows, as_letters = rows.get(place, []), letters.get(place, [])
        is_row = record["expect"]["kind"] == "row"
        if (len(as_rows), len(as_letters)) != ((1, 0) if is_row else (0, 1)):
            faults.append(f"{record['name']}: {len(as_rows)} rows and {len(as_letters)} dead letters")
            continue
        found = as_rows[0] if is_row else as_letters[0]
        for fault in (row_faults if is_row else dead_letter_faults)(record, found):
            faults.append(f"{record['name']}: {fault}")
        if record["timestampMs"] is not None and record["timestampMs"] < farthest_ms and found["_kafka_timestamp"] != kafka_time(record):
            faults.append(f"{record['name']}: _kafka_timestamp is {found['_kafka_timestamp']}")
for place in (set(rows) | set(letters)) - expected:
    faults.append(f"nothing was written at {place}")
print(json.dumps({"faults": faults[:40], "rows": sum(map(len, rows.values())), "deadLetters": sum(map(len, letters.values()))}))
