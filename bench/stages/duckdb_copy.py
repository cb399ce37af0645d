#!/usr/bin/env python3
"""duckdb_copy.py FOLDER: units of events, NDJSON to Parquet, by DuckDB with one thread; what it is asked comes by stdin, one JSON line each.

{"prepare": FILE, "eventCount": N, "unitRows": N, "provenance": SQL}: makes the units' files; answered {}.
{"copy": true}: one COPY a unit; answered {"cpuMicros", "fileBytes", "rows"}, CPU by getrusage around the COPYs alone.
"""
import json
import os
import resource
import sys

import duckdb

folder = sys.argv[1]
text = "channel platform event_type event_category resource_id resource_title interaction_target session_id user_id device_id user_agent client_version"
columns = {
    "timestamp": "TIMESTAMPTZ",
    **{name: "VARCHAR" for name in text.split()},
    "interaction_value": "DOUBLE",
    "interaction_text": "VARCHAR",
    "metadata": "JSON",
}
typed = "{" + ", ".join(f"'{name}': '{type}'" for name, type in columns.items()) + "}"
# COPY orders by the file where this is on, which is the default.
connection = duckdb.connect(config={"threads": 1})
units = []


def cpu_micros():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1e6


def prepare(request):
    for source, _, _, target in units:
        for path in (source, target):
            if os.path.exists(path):
                os.remove(path)
    units.clear()
    with open(request["prepare"], "rb") as lines:
        for start in range(0, request["eventCount"], request["unitRows"]):
            source = os.path.join(folder, f"unit-{start}.ndjson")
            rows = min(request["unitRows"], request["eventCount"] - start)
            with open(source, "wb") as file:
                file.writelines(next(lines) for _ in range(rows))
            units.append((source, start, request["provenance"], os.path.join(folder, f"unit-{start}.parquet")))
    return {}


def copy():
    taken = 0.0
    for source, start, provenance, target in units:
        events = f"read_json('{source}', format='newline_delimited', columns={typed}, ignore_errors=true)"
        numbered = f"SELECT *, {start} + row_number() OVER () - 1 AS o FROM {events}"
        query = f"SELECT * EXCLUDE o, {provenance} FROM ({numbered})"
        before = cpu_micros()
        connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
        taken += cpu_micros() - before
    files = [target for _, _, _, target in units]
    rows = connection.execute("SELECT sum(num_rows) FROM parquet_file_metadata(?)", [files]).fetchone()[0]
    return {"cpuMicros": taken, "fileBytes": sum(os.path.getsize(file) for file in files), "rows": int(rows)}


print(json.dumps({"version": duckdb.__version__}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(prepare(request) if "prepare" in request else copy()), flush=True)
