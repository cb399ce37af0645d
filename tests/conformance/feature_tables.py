#!/usr/bin/env python3
"""feature_tables.py LIST: whether tables hold the rows they should, by deltalake and DuckDB, and whether their files and statistics are as the log says.

LIST: JSON of `[{name, table, adds, schema, mode, mappedPartitions, expected}]`. The last line is JSON: by name, what each reader says, `ok` or why not.
"""
import datetime
import json
import pathlib
import sys
import urllib.parse

import pyarrow.parquet as parquet

from appended_rows import by_extension, by_query_builder

UTC = datetime.timezone.utc


def moment(text):
    value = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def comparable(value):
    if isinstance(value, datetime.datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    if isinstance(value, datetime.date):
        return value.isoformat()
    return float(value) if type(value).__name__ == "Decimal" else value


def bound(text, like):
    return moment(text) if isinstance(like, datetime.datetime) else text


def statistics(each):
    """What of the statistics and field ids does not say what the file holds."""
    physical = {
        (field["metadata"].get("delta.columnMapping.physicalName", field["name"]) if each["mode"] != "none" else field["name"]): field
        for field in each["schema"]["fields"]
    }
    for add in each["adds"]:
        file = parquet.ParquetFile(pathlib.Path(each["table"]) / urllib.parse.unquote(add["path"]))
        rows, stats = file.read(), json.loads(add["stats"])
        if stats["numRecords"] != rows.num_rows:
            return f"{stats['numRecords']} records instead of {rows.num_rows}"
        for field in rows.schema:
            if field.name not in physical:
                return f"the file has {field.name}, the table does not"
            known = physical[field.name]["metadata"].get("delta.columnMapping.id")
            id = (field.metadata or {}).get(b"PARQUET:field_id")
            if (None if id is None else int(id)) != (known if each["mode"] != "none" else None):
                return f"{field.name} has the field id {id} instead of {known}"
        for name, count in stats["nullCount"].items():
            column = rows[name] if name in rows.column_names else None
            if count != (rows.num_rows if column is None else column.null_count):
                return f"{name} has {count} nulls in the statistics"
        for name in stats["minValues"]:
            values = [comparable(value) for value in rows[name].to_pylist() if value is not None]
            low, high = bound(stats["minValues"][name], values[0]), bound(stats["maxValues"][name], values[0])
            if not (low <= min(values) and max(values) <= high):
                return f"{name} lies outside of {low} to {high}"
            if not isinstance(values[0], (str, datetime.datetime)) and (low, high) != (min(values), max(values)):
                return f"{name} is bounded by {low} to {high}"
    return chosen_statistics(each)


def chosen_statistics(each):
    wanted = {"few-statistics": {"text", "big"}, "named-statistics": {"text", "big"}, "clustered": {"text", "big", "client_version"}}.get(each["name"])
    found = {name for add in each["adds"] for name in json.loads(add["stats"])["nullCount"]}
    return "ok" if wanted is None or found == wanted else f"statistics of {sorted(found)}"


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        tables = json.load(file)
    found = {}
    for table in tables:
        found[table["name"]] = {
            "deltalake": by_query_builder(table),
            "duckdb": by_extension(table),
            "statistics": statistics(table),
        }
    print(json.dumps(found))
