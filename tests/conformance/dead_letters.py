#!/usr/bin/env python3
"""dead_letters.py TABLE: the dead letters beside TABLE as each engine reads them: by engine [{partition, offset, reason, key, value, headers}], bytes in base64."""
import base64
import json
import sys

from engines import engines


def text(value):
    return None if value is None else base64.b64encode(value).decode()


found = {}
uri = sys.argv[1].rstrip("/") + "-dead-letters"
for name, read in engines(uri):
    found[name] = sorted(
        (
            {
                "partition": row["_partition"],
                "offset": row["_offset"],
                "reason": row["reason"],
                "key": text(row["key"]),
                "value": text(row["value"]),
                "headers": [[header["key"], text(header["value"])] for header in row["headers"] or []],
            }
            for row in read(uri).to_pylist()
        ),
        key=lambda row: (row["partition"], row["offset"]),
    )
print(json.dumps(found))
