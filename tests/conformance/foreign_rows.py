#!/usr/bin/env python3
"""foreign_rows.py TABLE: rows another engine wrote, read by each engine: by engine [[user_id, timestamp in microseconds, metadata], ...]."""
import json
import sys

import pyarrow as pa

from engines import engines

found = {}
for name, read in engines(sys.argv[1]):
    table = read(sys.argv[1])
    micros = table["timestamp"].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    table = table.set_column(table.schema.get_field_index("timestamp"), "timestamp", micros)
    rows = table.select(["user_id", "timestamp", "metadata", "channel"]).to_pylist()
    found[name] = sorted([row["user_id"], row["timestamp"], row["metadata"]] for row in rows if row["channel"] == "theirs")
print(json.dumps(found))
