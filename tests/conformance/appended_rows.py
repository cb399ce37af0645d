#!/usr/bin/env python3
"""appended_rows.py LIST: whether tables keep their old rows and have the appended ones, by deltalake and DuckDB's delta extension.

LIST: JSON of `[{name, table, original, before, expected}]`: the table's folder, its folder before, the version before, the events appended.
The last line is JSON: by name, for each reader `ok`, `unsupported: ...` where it refuses the original table too, or what differs.
"""
import datetime
import importlib.util
import json
import pathlib
import sys

import duckdb
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder

package = importlib.util.find_spec("duckdb_extension_delta")
(extension,) = [file for folder in package.submodule_search_locations for file in pathlib.Path(folder).rglob("*.duckdb_extension")]


def connected():
    """Of each table its own: a reader that fails may take its connection with it."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.load_extension(str(extension))
    return connection


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def columns_of(connection, relation):
    return dict(row[:2] for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall())


def fingerprint(connection, relation, columns, where):
    """Rows by count and by hashes of their values, whatever their order."""
    values = ", ".join(f"to_json({quoted(name)})" for name in columns)
    row = connection.execute(
        f"SELECT count(*), coalesce(sum(hash({values})::HUGEINT), 0), coalesce(bit_xor(hash({values})), 0) FROM {relation} WHERE {where}"
    ).fetchone()
    return tuple(map(str, row))


def value_of(name, type):
    """As text that does not depend on the reader: timestamps as microseconds, numbers as numbers."""
    if type.startswith("TIMESTAMP"):
        return f"epoch_us({quoted(name)})"
    if type.startswith(("DECIMAL", "FLOAT", "DOUBLE")):
        return f"{quoted(name)}::DOUBLE"
    return f"{quoted(name)}::VARCHAR" if type == "DATE" else quoted(name)


def wanted(value, type):
    if type.startswith("TIMESTAMP") and value is not None:
        moment = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        return (moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1)
    return value


def ours(connection, relation, types, unread, expected):
    given = {name for event in expected for name in event if name in types and name not in unread}
    names = [*sorted(given), "_offset"]
    chosen = ", ".join(value_of(name, types[name]) for name in names)
    rows = connection.execute(f"SELECT {chosen} FROM {relation} WHERE _topic = 'appended' ORDER BY _offset").fetchall()
    if len(rows) != len(expected):
        return f"{len(rows)} of our rows instead of {len(expected)}"
    for offset, (row, event) in enumerate(zip(rows, expected)):
        for name, value in zip(names, row):
            want = offset if name == "_offset" else wanted(event.get(name), types[name])
            if value != want:
                return f"row {offset}: {name} is {value!r} instead of {want!r}"
    # By statistics, which must not skip the file it is in.
    some = connection.execute(f"SELECT count(*) FROM {relation} WHERE _offset >= 1 AND _topic = 'appended'").fetchone()[0]
    return "ok" if some == len(expected) - 1 else f"{some} rows by a filter instead of {len(expected) - 1}"


def compare(connection, old, new, unread, expected):
    old_columns = columns_of(connection, old)
    kept = fingerprint(connection, old, old_columns, "true")
    now = fingerprint(connection, new, old_columns, "_topic IS DISTINCT FROM 'appended'")
    if kept != now:
        return f"old rows were {kept}, are {now}"
    return ours(connection, new, columns_of(connection, new), unread, expected)


def by_duckdb(each):
    connection = connected()
    old, new = f"delta_scan('{each['original']}')", f"delta_scan('{each['table']}')"
    try:
        fingerprint(connection, old, columns_of(connection, old), "true")
    except BaseException as error:
        return unsupported(error)
    # Of mapped partition columns the extension reads nulls alone, whoever wrote the table.
    return compare(connection, old, new, each["mappedPartitions"], each["expected"])


def by_deltalake(each):
    try:
        before = rows_of(each["original"])
    except BaseException as error:
        return unsupported(error)
    connection = connected()
    connection.register("before_rows", before)
    connection.register("after_rows", rows_of(each["table"]))
    return compare(connection, "before_rows", "after_rows", [], each["expected"])


def rows_of(folder):
    return pa.table(QueryBuilder().register("t", DeltaTable(folder)).execute("SELECT * FROM t").read_all())


def unsupported(error):
    return f"unsupported: {str(error).splitlines()[0][:120]}"


def verdict(reader, each):
    try:
        return reader(each)
    except BaseException as error:
        return f"failed: {type(error).__name__} {str(error).splitlines()[0][:200]}"


def by_query_builder(each):
    """Of a table of ours alone."""
    try:
        rows = rows_of(each["table"])
    except BaseException as error:
        return "unsupported" if "Unsupported table features" in str(error) else f"failed: {str(error).splitlines()[0][:200]}"
    connection = connected()
    connection.register("t", rows)
    return ours(connection, "t", columns_of(connection, "t"), [], each["expected"])


def by_extension(each):
    connection = connected()
    relation = f"delta_scan('{each['table']}')"
    return verdict(lambda one: ours(connection, relation, columns_of(connection, relation), one["mappedPartitions"], one["expected"]), each)


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        tables = json.load(file)
    found = {}
    for table in tables:
        found[table["name"]] = {"deltalake": verdict(by_deltalake, table), "duckdb": verdict(by_duckdb, table)}
    print(json.dumps(found))
