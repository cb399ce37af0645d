#!/usr/bin/env python3
"""table_ids.py TABLE FILE: every row of a table and of its dead letters as delta-rs reads them (storage options from AWS_*).

FILE gets a line `partition offset id` for each; prints one JSON line: version, files, rows, dead letters.
"""
import json
import os
import sys

from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

uri, path = sys.argv[1].rstrip("/"), sys.argv[2]
options = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
PREFIX = b"no json "


def dump(file, table, column, id_of):
    count = 0
    scanner = table.to_pyarrow_dataset().scanner(columns=["_partition", "_offset", column])
    for batch in scanner.to_batches():
        partitions, offsets, values = (batch.column(index).to_pylist() for index in range(3))
        file.writelines(f"{p} {o} {id_of(v)}\n" for p, o, v in zip(partitions, offsets, values))
        count += batch.num_rows
    return count


with open(path, "w") as file:
    table = DeltaTable(uri, storage_options=options)
    rows = dump(file, table, "session_id", lambda text: text)
    try:
        letters = dump(file, DeltaTable(uri + "-dead-letters", storage_options=options), "value", lambda raw: raw[len(PREFIX) :].decode())
    except TableNotFoundError:
        letters = 0
print(json.dumps({"version": table.version(), "files": len(table.file_uris()), "rows": rows, "deadLetters": letters}))
