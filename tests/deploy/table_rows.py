#!/usr/bin/env python3
"""table_rows.py URI: reads the table with delta-rs and prints one JSON line: its version, rows, and how many places they come from."""
import json
import os
import sys

import pyarrow.compute as pc
from deltalake import DeltaTable

options = {
    "endpoint_url": os.environ["AWS_ENDPOINT_URL"],
    "access_key_id": os.environ["AWS_ACCESS_KEY_ID"],
    "secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"],
    "region": "us-east-1",
    "allow_http": "true",
}
table = DeltaTable(sys.argv[1], storage_options=options)
places = table.to_pyarrow_table(columns=["_partition", "_offset"])
distinct = places.group_by(["_partition", "_offset"]).aggregate([]).num_rows
print(json.dumps({"version": table.version(), "rows": places.num_rows, "places": distinct}))
