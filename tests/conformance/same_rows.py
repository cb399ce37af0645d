#!/usr/bin/env python3
"""same_rows.py TABLE EXPECTED: reads TABLE with each engine and compares every value with EXPECTED.

EXPECTED has one JSON object a line: partition, offset, row (columns left out are null, timestamps are whole microseconds).
Rows without provenance (written by others) are left out. Prints one JSON line: by engine rows, types and faults.
"""
import datetime
import json
import sys

import pyarrow as pa
import pyarrow.compute as pc

from engines import engines

uri, expected_path = sys.argv[1], sys.argv[2]
expected = {}
with open(expected_path, encoding="utf-8") as lines:
    for line in lines:
        place = json.loads(line)
        expected[(place["partition"], place["offset"])] = place["row"]


def plain(table):
    """Timestamps as whole microseconds, everything else as Python has it."""
    arrays, names = [], []
    for name, column in zip(table.column_names, table.columns):
        if pa.types.is_timestamp(column.type):
            if column.type.tz is None:
                raise AssertionError(f"{name} has no time zone")
            column = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
        arrays.append(column)
        names.append(name)
    return pa.table(arrays, names=names).to_pylist()


def type_name(kind):
    if pa.types.is_timestamp(kind):
        return f"timestamp[{kind.unit}, {'zoned' if kind.tz else 'local'}]"
    return str(kind).replace("large_", "").replace("string_view", "string")


def compare(table):
    faults, seen = [], set()
    for row in plain(table):
        if row.get("_topic") is None:
            continue
        key = (row["_partition"], row["_offset"])
        if key in seen:
            faults.append(f"{key} is there twice")
        seen.add(key)
        if key not in expected:
            faults.append(f"{key} was never written")
            continue
        wanted = expected[key]
        if row["_kafka_timestamp"] is None or row["_topic"] == "":
            faults.append(f"{key} lacks provenance")
        for name in wanted.keys() | row.keys():
            want = wanted.get(name)
            if name in ("_topic", "_topic_id", "_partition", "_offset", "_kafka_timestamp") and name not in wanted:
                continue
            if name == "timestamp" and want is None:
                want = row["_kafka_timestamp"]
            got = row.get(name)
            if isinstance(got, datetime.date):
                got = got.isoformat()
            if got != want or type(got) is not type(want) and not isinstance(got, float):
                faults.append(f"{key} {name}: {got!r}, expected {want!r}")
        if len(faults) > 5:
            return len(seen), faults
    missing = expected.keys() - seen
    if missing:
        faults.append(f"{len(missing)} are missing, such as {sorted(missing)[:3]}")
    return len(seen), faults


report = {}
for name, read in engines(uri):
    table = read(uri)
    rows, faults = compare(table)
    report[name] = {"rows": rows, "types": {field.name: type_name(field.type) for field in table.schema}, "faults": faults}
print(json.dumps(report))
