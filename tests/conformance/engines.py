"""Reads a Delta table as an Arrow table with each engine we did not write: (name, rows)."""
import os
import pathlib
import urllib.parse

import duckdb
import duckdb_extension_delta
import polars
import pyarrow
import pyarrow.dataset
import pyarrow.parquet
from deltalake import DeltaTable

OPTIONS = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
EXTENSION = next(pathlib.Path(duckdb_extension_delta.__path__[0]).rglob("delta.duckdb_extension"))


def deltalake(uri):
    return DeltaTable(uri, storage_options=OPTIONS).to_pyarrow_table()


def duckdb_connection():
    con = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    con.execute("SET threads=2; SET TimeZone='UTC'")
    return con


def duckdb_delta(uri):
    con = duckdb_connection()
    con.execute(f"LOAD '{EXTENSION}'")
    return con.execute(f"SELECT * FROM delta_scan('{uri}')").to_arrow_table()


def local_files(uri):
    """The live files' paths: plain paths, as engines that only know Parquet want them."""
    return [urllib.parse.unquote(path.removeprefix("file://")) for path in DeltaTable(uri).file_uris()]


def duckdb_parquet(uri):
    return duckdb_connection().execute("SELECT * FROM read_parquet(?, union_by_name=true, hive_partitioning=true)", [local_files(uri)]).to_arrow_table()


def pyarrow_parquet(uri):
    files = local_files(uri)
    dates = pyarrow.schema([("event_date", pyarrow.date32())] if any("/event_date=" in path for path in files) else [])
    schema = pyarrow.unify_schemas([dates, *(pyarrow.parquet.read_schema(path) for path in files)])
    partitioning = pyarrow.dataset.partitioning(dates, flavor="hive")
    return pyarrow.dataset.dataset(files, schema=schema, partitioning=partitioning).to_table()


def polars_delta(uri):
    return polars.read_delta(uri, storage_options=OPTIONS).to_arrow()


def engines(uri):
    """The engines that can read `uri`; those that know only Parquet read local tables."""
    everywhere = [("deltalake", deltalake), ("polars", polars_delta)]
    local = [("duckdb delta", duckdb_delta), ("duckdb parquet", duckdb_parquet), ("pyarrow", pyarrow_parquet)]
    return everywhere if uri.startswith("s3://") else everywhere + local
