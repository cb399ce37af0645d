"""Files of the data plane as pyarrow and DuckDB read them: `other_engines.py FOLDER`.

For every NAME.parquet there is NAME.json: {"rows": [...], "path": column to prune by or null, "bloom": column or null}. Rows are JSON with bytes as
hex, floats that JSON lacks and 64-bit integers as text; both engines' rows must say the same. Prints "ok N files" or what differs.
"""

import datetime
import decimal
import json
import math
import pathlib
import sys

import duckdb
import pyarrow.parquet as pq

EPOCH = datetime.datetime(1970, 1, 1)


def spoken(value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        return f"{value!r}"
    if isinstance(value, (int, decimal.Decimal)):
        return format(value, "f") if isinstance(value, decimal.Decimal) else str(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, datetime.datetime):
        naive = value.astimezone(datetime.timezone.utc).replace(tzinfo=None) if value.tzinfo else value
        return str((naive - EPOCH) // datetime.timedelta(microseconds=1))
    if isinstance(value, datetime.date):
        return str((datetime.datetime(value.year, value.month, value.day) - EPOCH).days)
    if isinstance(value, dict):
        return {key: spoken(each) for key, each in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(each, tuple) for each in value):
            return {key: spoken(each) for key, each in value}
        return [spoken(each) for each in value]
    return value


def alike(left, right):
    """Empty maps are spoken as empty lists by pyarrow."""
    if left in ([], {}) and right in ([], {}):
        return True
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(alike(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(alike, left, right))
    if left != right and isinstance(left, str) and isinstance(right, str):
        try:
            return float(left) == float(right) and math.copysign(1, float(left)) == math.copysign(1, float(right))
        except ValueError:
            return False
    return left == right


def check(name, engine, rows, expected):
    assert len(rows) == len(expected), (name, engine, len(rows), len(expected))
    for row, want in zip(rows, expected):
        assert alike(row, want), (name, engine, row, want)


def statistics(name, file, table):
    """Bounds of every flat column's chunks hold, as pyarrow reads them."""
    metadata = file.metadata
    first = 0
    for group in range(metadata.num_row_groups):
        part = table.slice(first, metadata.row_group(group).num_rows)
        first += part.num_rows
        for index in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(index)
            found = chunk.statistics
            if "." in chunk.path_in_schema or found is None:
                continue
            column = part.column(chunk.path_in_schema)
            assert found.null_count == column.null_count, (name, chunk.path_in_schema)
            values = [value for value in column.to_pylist() if value is not None and value == value]
            if not found.has_min_max or not values or "DATE" in str(found.logical_type).upper():
                continue
            low, high = found.min, found.max
            if isinstance(low, int) and isinstance(values[0], (decimal.Decimal, datetime.datetime)):
                continue
            assert all(low <= value <= high for value in values), (name, chunk.path_in_schema, low, high)


def main(folder):
    duck = duckdb.connect()
    duck.execute("set timezone='UTC'")
    names = sorted(folder.glob("*.json"))
    for path in names:
        told = json.loads(path.read_text())
        file = path.with_suffix(".parquet")
        opened = pq.ParquetFile(file)
        table = opened.read()
        if told.get("rows") is not None:
            check(path.stem, "pyarrow", [spoken(row) for row in table.to_pylist()], told["rows"])
            answer = duck.execute(f"select * from read_parquet('{file}')")
            check(path.stem, "duckdb", [spoken(row) for row in answer.to_arrow_table().to_pylist()], told["rows"])
        statistics(path.stem, opened, table)
        if told.get("prune"):
            prune(duck, file, opened, told["prune"])
        if told.get("bloom"):
            bloom(duck, file, told["bloom"])
    print(f"ok {len(names)} files")


def prune(duck, file, opened, column):
    """A filter finds the very rows that a read without one has, at every border of the values."""
    table = opened.read([column])
    quoted = f'"{column}"'
    values = sorted(value for value in table.column(column).to_pylist() if value is not None)
    for value in [values[0], values[len(values) // 3], values[-1]]:
        wanted = sum(1 for each in values if each == value)
        found = duck.execute(f"select count(*) from read_parquet('{file}') where {quoted} = ?", [value]).fetchone()[0]
        assert found == wanted, (file, value, found, wanted)
        assert pq.read_table(file, filters=[(column, "=", value)]).num_rows == wanted
    for index in range(opened.metadata.num_columns):
        assert opened.metadata.row_group(0).column(index).has_offset_index
        assert opened.metadata.row_group(0).column(index).has_column_index


def bloom(duck, file, column):
    """Every value is in its filter; of values that are not there, hardly any."""
    quoted = f'"{column}"'
    present = [row[0] for row in duck.execute(f"select distinct {quoted} from read_parquet('{file}') where {quoted} is not null").fetchall()]
    probe = lambda value: duck.execute(
        f"select count(*) from parquet_bloom_probe('{file}', '{column}', ?) where not bloom_filter_excludes", [value]
    ).fetchone()[0]
    assert all(probe(value) > 0 for value in present[:200] if value is not None)
    groups = duck.execute(f"select count(*) from parquet_bloom_probe('{file}', '{column}', ?)", [present[0]]).fetchone()[0]
    absent = [f"absent-{index}" if isinstance(present[0], str) else -(index * 7919 + 13) for index in range(300)]
    passed = sum(probe(value) for value in absent)
    assert passed < 0.05 * len(absent) * groups, (file, column, passed)


main(pathlib.Path(sys.argv[1]))
