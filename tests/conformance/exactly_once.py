#!/usr/bin/env python3
"""exactly_once.py TABLE [VERSION]: what delta-rs finds in a table Silt wrote, by its provenance columns.

Storage options come from the environment (AWS_*). Prints one JSON line: version, rows, distinct places, and per
partition the row count with the lowest and highest offset; plus the dead-letter table beside it when there is one.
"""
import json
import os
import sys

import duckdb
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

options = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}


def places(uri, version=None):
    table = DeltaTable(uri, version=version, storage_options=options)
    data = table.to_pyarrow_dataset().scanner(columns=["_topic_id", "_partition", "_offset"]).to_reader()
    con = duckdb.connect()
    con.execute("SET threads=2")
    con.register("data", data)
    con.execute("CREATE TABLE places AS SELECT * FROM data")
    rows, distinct = con.execute(
        "SELECT count(*), count(DISTINCT (coalesce(_topic_id, ''), _partition, _offset)) FROM places"
    ).fetchone()
    partitions = con.execute(
        "SELECT _partition, count(*), min(_offset), max(_offset) FROM places GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return {"version": table.version(), "files": len(table.file_uris()), "rows": rows, "distinct": distinct, "partitions": partitions}


uri = sys.argv[1]
report = places(uri, int(sys.argv[2]) if len(sys.argv) > 2 else None)
try:
    report["deadLetters"] = places(uri.rstrip("/") + "-dead-letters")
except TableNotFoundError:
    report["deadLetters"] = None
print(json.dumps(report))
