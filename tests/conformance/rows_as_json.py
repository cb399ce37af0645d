#!/usr/bin/env python3
"""rows_as_json.py TABLE FILE: every row of TABLE, as delta-rs reads it, to FILE: one JSON object a line, timestamps as ISO text in microseconds.

Storage options come from the environment (AWS_*). Prints one JSON line {"version": n, "rows": n}.
"""
import datetime
import json
import os
import sys

from deltalake import DeltaTable

options = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
table = DeltaTable(sys.argv[1], storage_options=options)


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.isoformat(timespec="microseconds")
    raise TypeError(f"{value!r} is not expected in an event table")


rows = 0
with open(sys.argv[2], "w", encoding="ascii") as file:
    for batch in table.to_pyarrow_dataset().to_batches():
        for row in batch.to_pylist():
            file.write(json.dumps({**row, "deliveries": 1}, default=plain) + "\n")
            rows += 1
print(json.dumps({"version": table.version(), "rows": rows}))
