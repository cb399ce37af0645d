"""Makes a Delta table of files that only its log knows, in the folder given: a classic checkpoint of all but the newest, as Spark writes one
(snappy, row groups of 100,000 actions, 300 bytes of statistics each), and a commit for each of those.

    make_table.py FOLDER FILES COMMITS [deltalake]

With `deltalake` the checkpoint is one that deltalake wrote of such a table.
"""

import json
import os
import random
import sys
import uuid

import pyarrow
import pyarrow.parquet

folder, files, commits = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
log = f"{folder}/_delta_log"
chance = random.Random(7)
columns = [("id", "long"), ("event_type", "string"), ("at", "timestamp"), ("amount", "double"), ("user_id", "string"), ("date", "string")]
schema_string = json.dumps(
    {"type": "struct", "fields": [{"name": name, "type": kind, "nullable": True, "metadata": {}} for name, kind in columns]}
)
protocol = {"minReaderVersion": 1, "minWriterVersion": 2}
metadata = {
    "id": str(uuid.UUID(int=7)),
    "schemaString": schema_string,
    "partitionColumns": ["date"],
    "createdTime": 1700000000000,
}


def stats(number):
    day = f"2024-01-{1 + number % 28:02d}"
    user = chance.getrandbits(128)
    low = {"id": number * 1000, "event_type": "add_to_cart", "at": f"{day}T00:00:00.123Z", "amount": round(chance.random(), 4), "user_id": f"{user:032x}"}
    high = {"id": number * 1000 + 999, "event_type": "view_item", "at": f"{day}T23:59:59.987Z", "amount": round(900 + chance.random() * 100, 4), "user_id": f"{user ^ 0xFFFF:032x}"}
    nulls = {"id": 0, "event_type": 0, "at": 0, "amount": chance.randrange(50), "user_id": chance.randrange(50)}
    return json.dumps({"numRecords": 1000, "minValues": low, "maxValues": high, "nullCount": nulls}, separators=(",", ":"))


def add(number, values):
    date = f"2024-{1 + number % 12:02d}-{1 + number // 12 % 28:02d}"
    name = f"part-{number % 200:05d}-{uuid.UUID(int=chance.getrandbits(128))}.c000.snappy.parquet"
    return {
        "path": f"date={date}/{name}",
        "partitionValues": values({"date": date}),
        "size": chance.randrange(10_000_000, 200_000_000),
        "modificationTime": 1700000000000 + number * 7,
        "dataChange": False,
        "stats": stats(number),
    }


texts = pyarrow.map_(pyarrow.string(), pyarrow.string())
text, long = pyarrow.string(), pyarrow.int64()
schema = pyarrow.schema(
    [
        ("txn", pyarrow.struct([("appId", text), ("version", long), ("lastUpdated", long)])),
        ("add", pyarrow.struct([("path", text), ("partitionValues", texts), ("size", long), ("modificationTime", long), ("dataChange", pyarrow.bool_()), ("tags", texts), ("stats", text)])),
        ("remove", pyarrow.struct([("path", text), ("deletionTimestamp", long), ("dataChange", pyarrow.bool_()), ("extendedFileMetadata", pyarrow.bool_()), ("partitionValues", texts), ("size", long)])),
        ("metaData", pyarrow.struct([("id", text), ("name", text), ("description", text), ("format", pyarrow.struct([("provider", text), ("options", texts)])), ("schemaString", text), ("partitionColumns", pyarrow.list_(text)), ("configuration", texts), ("createdTime", long)])),
        ("protocol", pyarrow.struct([("minReaderVersion", pyarrow.int32()), ("minWriterVersion", pyarrow.int32())])),
    ]
)


def commit(version, *actions):
    with open(f"{log}/{version:020d}.json", "w") as entry:
        info = {"commitInfo": {"operation": "WRITE", "timestamp": 1700000000000}}
        for action in [info, *actions]:
            entry.write(json.dumps(action, separators=(",", ":")) + "\n")


os.makedirs(log)
checkpointed = files - commits
version = 100
commit(version)
path = f"{log}/{version:020d}.checkpoint.parquet"
with pyarrow.parquet.ParquetWriter(path, schema, compression="snappy") as writer:
    rows = [
        {"protocol": protocol},
        {"metaData": {**metadata, "format": {"provider": "parquet", "options": []}, "configuration": []}},
        {"txn": {"appId": "app", "version": 3}},
    ]
    for first in range(0, max(1, checkpointed), 100_000):
        last = min(checkpointed, first + 100_000)
        rows += [{"add": add(number, lambda values: list(values.items()))} for number in range(first, last)]
        writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
        rows = []
with open(f"{log}/_last_checkpoint", "w") as hint:
    json.dump({"version": version, "size": checkpointed + 3}, hint)
for number in range(checkpointed, files):
    version += 1
    commit(version, {"add": {**add(number, dict), "dataChange": True}})

if "deltalake" in sys.argv[4:]:
    from deltalake import DeltaTable

    DeltaTable(folder).create_checkpoint()
    os.remove(path)
    for old in range(100, version):
        os.remove(f"{log}/{old:020d}.json")

print(json.dumps({"version": version, "sample": add(0, dict)}))
