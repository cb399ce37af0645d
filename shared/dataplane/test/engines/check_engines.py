"""Files of the data plane as other engines read them: `check_engines.py FOLDER`. The last line of output is what was found, as JSON.

FOLDER has cases as main.ts writes them. `*.event.json`: a unit's spec, its records and the files made of them, which must hold what event_oracle.py makes of
the records' bytes. `*.table.json`: rows and the file they went to. `*.filter.json`: the column that a file has a Bloom filter of. Beside each of the others are the rows as hyparquet reads them (`.hyparquet.json`, spoken) and as
parquet-rs does (`.arrows`); pyarrow and DuckDB read the file here.
"""

import collections
import json
import pathlib
import sys

import duckdb
import pyarrow
import pyarrow.parquet

import bounds
import event_oracle
import filters
from spoken import alike, counted, spoken_column

ENGINES = ("pyarrow", "duckdb", "parquet-wasm", "hyparquet")
duck = duckdb.connect()
duck.execute("set timezone='UTC'")


class Findings:
    def __init__(self):
        self.counts = collections.Counter()
        self.values = collections.Counter({engine: 0 for engine in ENGINES})
        self.differences = []

    def differ(self, *where):
        self.counts["differences"] += 1
        if len(self.differences) < 10:
            self.differences.append(" | ".join(map(str, where))[:2000])

    def compare(self, where, engine, rows, expected):
        if len(rows) != len(expected):
            return self.differ(where, engine, f"{len(rows)} rows instead of {len(expected)}")
        for row, want in zip(rows, expected):
            if row.keys() != want.keys():
                return self.differ(where, engine, f"columns {sorted(row.keys() ^ want.keys())}")
            for name, value in row.items():
                self.values[engine] += counted(value)
                if not alike(value, want[name]):
                    self.differ(where, engine, name, value, "instead of", want[name])


def arrow_rows(table):
    columns = [spoken_column(column) for column in table.columns]
    return [dict(zip(table.column_names, row)) for row in zip(*columns)] if columns else [{}] * table.num_rows


def by_engine(file):
    """(engine, rows) of each, in the file's order."""
    table = pyarrow.parquet.ParquetFile(file).read()
    yield "pyarrow", arrow_rows(table)
    found = duck.execute("select * from read_parquet(?, hive_partitioning=false)", [str(file)]).to_arrow_table()
    # A column without a name gets one of DuckDB's own.
    yield "duckdb", arrow_rows(found.rename_columns(table.column_names))
    with pyarrow.ipc.open_stream(file.with_suffix(".arrows")) as stream:
        yield "parquet-wasm", arrow_rows(stream.read_all())
    yield "hyparquet", json.loads(file.with_suffix(".hyparquet.json").read_text())


def place(row):
    return (int(row["_partition"]), int(row["_offset"]))


def members_of(rescued):
    return None if rescued is None else {name: each[1] for name, each in event_oracle.members(rescued).items()}


def check_events(findings, folder, name, case):
    unit = event_oracle.Unit(case)
    findings.counts.update(schemas=1, records=len(case["records"]), rows=len(unit.rows), deadLetters=len(unit.dead_letters))
    schema = {each["name"]: each["type"] for each in case["schema"]}
    if schema != unit.fields:
        findings.differ(name, "schema", schema, "instead of", unit.fields)
    findings.counts["addedColumns"] += len(unit.fields) - len({each["name"] for each in case["spec"]["fields"]} | dict(event_oracle.EVENT_FIELDS).keys())
    days = {day: [] for day in unit.days.values()}
    for at in sorted(unit.rows):
        row = unit.rows[at]
        findings.counts["rescued"] += row["_rescued"] is not None
        days[unit.days[at]].append(row)
    if sorted(map(str, days)) != sorted(str(each["day"]) for each in case["files"]):
        findings.differ(name, "files of", [each["day"] for each in case["files"]], "instead of", list(days))
    columns = unit.columns()
    for told in case["files"]:
        file = folder / told["path"]
        expected = [{column: row.get(column) for column in columns} for row in days.get(told["day"], [])]
        for engine, rows in by_engine(file):
            rows = sorted(rows, key=place)
            for row in rows:
                row["_rescued"] = members_of(row["_rescued"])
            findings.compare(told["path"], engine, rows, expected)
        # What is rescued is compared by its members, not as the text it is.
        types = {column: unit.fields[column] for column in columns if column != "_rescued"}
        for fault in bounds.of_delta(told["stats"], expected, types):
            findings.differ(told["path"], "Delta statistics", fault)
        check_file(findings, file, types, expected)
    expected = [unit.dead_letters[at] for at in sorted(unit.dead_letters)]
    if (case["deadLetters"] is None) != (expected == []):
        findings.differ(name, "dead letters", len(expected))
    elif case["deadLetters"] is not None:
        for engine, rows in by_engine(folder / case["deadLetters"]):
            rows = sorted(rows, key=place)
            for row, want in zip(rows, expected):
                # What people are told is up to the exact path, but for the length and digest of what is not there.
                if want["detail"] is None or (row["detail"] or "").startswith(want["detail"] + ";"):
                    row["detail"] = want["detail"]
            findings.compare(case["deadLetters"], engine, rows, expected)


def check_file(findings, file, types, expected):
    """Bounds of the footer hold, and filters, by statistics, page index and Bloom filters, find the very rows that a read without one does."""
    findings.counts["files"] += 1
    opened = pyarrow.parquet.ParquetFile(file)
    for fault in bounds.of_footer(opened, opened.read()):
        findings.differ(file.name, "footer", fault)
    for name in [name for name, each in types.items() if each in ("string", "long", "double")][:: max(1, len(types) // 3)]:
        values = [row[name] for row in expected if row[name] is not None]
        # No engine can name a column without a name.
        if not values or name == "" or types[name] == "double":
            continue
        wanted = values[len(values) // 2]
        count = sum(1 for value in values if value == wanted)
        value = int(wanted) if types[name] == "long" else wanted
        quoted = '"' + name.replace('"', '""') + '"'
        found = duck.execute(f"select count(*) from read_parquet(?, hive_partitioning=false) where {quoted} = ?", [str(file), value]).fetchone()[0]
        findings.counts["filters"] += 1
        if found != count:
            findings.differ(file.name, "filter", name, wanted, found, "instead of", count)


def check_table(findings, folder, name, case):
    findings.counts.update(tables=1, tableRows=len(case["rows"]))
    file = folder / f"{name}.parquet"
    for engine, rows in by_engine(file):
        findings.compare(name, engine, rows, case["rows"])
    opened = pyarrow.parquet.ParquetFile(file)
    findings.counts["files"] += 1
    for fault in bounds.of_footer(opened, opened.read()):
        findings.differ(name, "footer", fault)
    for fault in bounds.of_delta(case["stats"], case["rows"], {each["name"]: each["type"] for each in case["fields"]}):
        findings.differ(name, "Delta statistics", fault)


def main(folder):
    findings = Findings()
    for path in sorted(folder.glob("*.event.json")):
        check_events(findings, folder, path.name.removesuffix(".event.json"), json.loads(path.read_text()))
    for path in sorted(folder.glob("*.table.json")):
        check_table(findings, folder, path.name.removesuffix(".table.json"), json.loads(path.read_text()))
    for path in sorted(folder.glob("*.filter.json")):
        name = path.name.removesuffix(".filter.json")
        findings.counts["filteredFiles"] += 1
        for fault in filters.faults(duck, folder / f"{name}.parquet", json.loads(path.read_text())["column"]):
            findings.differ(name, fault)
    print(json.dumps({"counts": findings.counts, "values": findings.values, "differences": findings.differences}))


main(pathlib.Path(sys.argv[1]))
