#!/usr/bin/env python3
"""rows.py TABLE COLUMN,...: these columns of every row, sorted, as delta-rs reads them.

Storage options come from the environment (AWS_*). Prints one JSON line {"version": n, "rows": [[...], ...]}.
"""
import json
import os
import sys

from deltalake import DeltaTable

options = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
table = DeltaTable(sys.argv[1], storage_options=options)
columns = sys.argv[2].split(",")
data = table.to_pyarrow_dataset().to_table(columns=columns).to_pydict()
rows = sorted((list(row) for row in zip(*(data[name] for name in columns))), key=lambda row: [str(type(v)) + str(v).rjust(30) for v in row])
print(json.dumps({"version": table.version(), "rows": rows}))
