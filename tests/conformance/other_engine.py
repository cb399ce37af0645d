#!/usr/bin/env python3
"""other_engine.py TABLE ACTION: what deltalake does to a table beside Silt.

  append             one row without provenance
  add-column         adds the nullable column `score` (double)
  compact            OPTIMIZE
  checkpoint         writes a checkpoint of the newest version and points the hint at it
  vacuum             VACUUM at the default retention, for real: of removed files and of files no version names
  restore VERSION    RESTORE
  overwrite          replaces all rows by one of its own
  seed ROWS          makes the table as the seed does: the event columns, zoned timestamps, no provenance

Prints one JSON line: version, and what the action answered.
"""
import datetime
import json
import sys

import pyarrow as pa
from deltalake import DeltaTable, Field, write_deltalake
from deltalake.schema import PrimitiveType

uri, action = sys.argv[1], sys.argv[2]
STRINGS = (
    "channel platform event_type event_category resource_id resource_title interaction_target "
    "session_id user_id device_id user_agent client_version"
).split()
SEED = pa.schema(
    [
        pa.field("timestamp", pa.timestamp("us", tz="UTC")),
        *[pa.field(name, pa.string()) for name in STRINGS],
        pa.field("interaction_value", pa.float64()),
        pa.field("interaction_text", pa.string()),
        pa.field("metadata", pa.string()),
    ]
)


def rows(count):
    moment = datetime.datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=datetime.timezone.utc)
    return pa.Table.from_pylist(
        [{"timestamp": moment, "channel": "theirs", "event_type": "import", "user_id": f"user-{index}", "metadata": '{"by": "deltalake"}'} for index in range(count)],
        schema=SEED,
    )


answer = None
if action == "seed":
    write_deltalake(uri, rows(int(sys.argv[3])))
elif action == "append":
    write_deltalake(uri, rows(1), mode="append", schema_mode="merge")
elif action == "add-column":
    DeltaTable(uri).alter.add_columns([Field("score", PrimitiveType("double"), nullable=True)])
elif action == "compact":
    answer = DeltaTable(uri).optimize.compact()
elif action == "checkpoint":
    DeltaTable(uri).create_checkpoint()
elif action == "vacuum":
    answer = DeltaTable(uri).vacuum(dry_run=False, full=True)
elif action == "restore":
    answer = DeltaTable(uri).restore(int(sys.argv[3]))
elif action == "overwrite":
    write_deltalake(uri, rows(1), mode="overwrite", schema_mode="merge")
else:
    sys.exit(f"no such action: {action}")
print(json.dumps({"version": DeltaTable(uri).version(), "answer": answer}))
