"""Makes a table with deltalake at the path given, does to it what operators do, and prints the live files of every version."""

import json
import sys

import pyarrow
from deltalake import CommitProperties, DeltaTable, Field, Transaction, write_deltalake
from deltalake.schema import PrimitiveType

path = sys.argv[1]


def rows(*ids):
    return pyarrow.table({"id": pyarrow.array(ids, pyarrow.int64()), "place": [f"p {i % 2}:%" for i in ids]})


write_deltalake(path, rows(1, 2, 3), partition_by=["place"])
write_deltalake(path, rows(4, 5), mode="append")
table = DeltaTable(path)
table.delete("id = 2")
table.optimize.compact()
table.alter.add_columns([Field("extra", PrimitiveType("string"))])
table.restore(2)
write_deltalake(path, rows(6, 7), mode="overwrite")
DeltaTable(path).create_checkpoint()
properties = CommitProperties(app_transactions=[Transaction("app", 7)])
write_deltalake(path, rows(8), mode="append", commit_properties=properties)


def files(version):
    return sorted(DeltaTable(path, version=version).get_add_actions().column("path").to_pylist())


print(json.dumps([files(version) for version in range(DeltaTable(path).version() + 1)]))
