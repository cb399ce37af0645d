#!/usr/bin/env python3
"""statistics.py TABLE SOURCE.ndjson: a table's statistics against what DuckDB computes from the events themselves.

Null counts of every event column and numeric minima and maxima must be equal; string and timestamp minima and maxima
must be bounds of the data. Prints one JSON line {"faults": [...], "rows": n, "columns": n}.
"""
import datetime
import json
import os
import sys

import duckdb
import pyarrow as pa
from deltalake import DeltaTable

epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def micros(moment):
    return (moment - epoch) // datetime.timedelta(microseconds=1)


uri, source = sys.argv[1], sys.argv[2]
options = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
table = DeltaTable(uri, storage_options=options)
fields = {field.name: str(field.type.type) if hasattr(field.type, "type") else str(field.type) for field in table.schema().fields}
columns = [name for name in fields if not name.startswith("_") and name != "event_date"]

add_stats = pa.table(table.get_add_actions(flatten=False)).to_pylist()

con = duckdb.connect()
con.execute("SET threads=2")
kinds = {name: ("DOUBLE" if name == "interaction_value" else "JSON" if name == "metadata" else "VARCHAR") for name in columns}
spec = ", ".join(f"'{name}': '{kind}'" for name, kind in kinds.items())
con.execute(f"CREATE TABLE source AS SELECT * FROM read_json('{source}', format='newline_delimited', columns={{{spec}}})")
faults = []
rows = con.execute("SELECT count(*) FROM source").fetchone()[0]
counted = sum(add["num_records"] for add in add_stats)
if counted != rows:
    faults.append(f"numRecords sums to {counted}, the source has {rows}")
defaults = {"channel", "event_type", "timestamp"}
for name in columns:
    expected = 0 if name in defaults else con.execute(f"SELECT count(*) FROM source WHERE {name} IS NULL OR CAST({name} AS VARCHAR) = 'null'").fetchone()[0]
    nulls = sum((add["null_count"] or {}).get(name) or 0 for add in add_stats)
    if nulls != expected:
        faults.append(f"{name}: nullCount {nulls}, DuckDB counts {expected}")
    if name in ("metadata",):
        continue
    lows = [add["min"].get(name) for add in add_stats if add["min"].get(name) is not None]
    highs = [add["max"].get(name) for add in add_stats if add["max"].get(name) is not None]
    if not lows:
        faults.append(f"{name}: no minimum in any file")
        continue
    low, high = con.execute(f"SELECT min({name}), max({name}) FROM source").fetchone()
    if name == "interaction_value":
        if (min(lows), max(highs)) != (low, high):
            faults.append(f"{name}: stats {min(lows)}..{max(highs)}, DuckDB {low}..{high}")
    elif name == "timestamp":
        low, high = con.execute(
            "SELECT min(epoch_us(CAST(timestamp AS TIMESTAMPTZ))), max(epoch_us(CAST(timestamp AS TIMESTAMPTZ))) FROM source"
        ).fetchone()
        bounds = (micros(min(lows)), micros(max(highs)))
        if not (bounds[0] <= low and bounds[1] >= high):
            faults.append(f"{name}: {bounds} does not bound {low}..{high}")
    elif not (min(lows).encode() <= low.encode() and max(highs).encode() >= high.encode()):
        faults.append(f"{name}: {min(lows)!r}..{max(highs)!r} does not bound {low!r}..{high!r}")
print(json.dumps({"faults": faults, "rows": rows, "columns": len(columns)}))
