"""What deltalake and DuckDB read from the table given as argument, as one JSON object."""

import json
import pathlib
import sys

import deltalake
import duckdb
import duckdb_extension_delta
import pyarrow

path = sys.argv[1]
app_ids = sys.argv[2:]

table = deltalake.DeltaTable(path)
# By its own query engine: what it hands to pyarrow lacks features that it has.
query = deltalake.QueryBuilder().register("t", table).execute("SELECT id, name FROM t ORDER BY id")
rows = pyarrow.table(query.read_all()).to_pylist()

extension = next(pathlib.Path(duckdb_extension_delta.__path__[0]).rglob("delta.duckdb_extension"))
duck = duckdb.connect(config={"allow_unsigned_extensions": "true"})
duck.execute(f"LOAD '{extension}'")
duck_rows = duck.execute(f"SELECT id, name FROM delta_scan('{path}') ORDER BY id").fetchall()

print(
    json.dumps(
        {
            "version": table.version(),
            "txns": {app_id: table.transaction_version(app_id) for app_id in app_ids},
            "files": sorted(pathlib.PurePosixPath(uri).name for uri in table.file_uris()),
            "rows": [[row["id"], row["name"]] for row in rows],
            "duckRows": [list(row) for row in duck_rows],
            "configuration": table.metadata().configuration,
        }
    )
)
