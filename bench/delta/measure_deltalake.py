"""What deltalake takes for one thing done to a table, after doing it once to a small one. Prints ms, one a round, as JSON.

    measure_deltalake.py load|refresh|commit|checkpoint TABLE SMALL_TABLE ROUNDS
"""

import json
import os
import re
import sys
import time

from deltalake import DeltaTable, PostCommitHookProperties
from deltalake.transaction import AddAction

what, folder, small, rounds = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
hooks = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)


def load(path):
    table = DeltaTable(path)
    # The columns of all live files, statistics parsed.
    table.get_add_actions()
    return table


def add(number):
    stats = json.dumps({"numRecords": 1})
    return AddAction(f"date=2024-01-01/new-{os.getpid()}-{number}.parquet", 1000, {"date": "2024-01-01"}, 1700000000000, True, stats)


def append_by_other(path, version):
    action = {"add": {"path": f"date=2024-01-01/other-{version}.parquet", "partitionValues": {"date": "2024-01-01"}, "size": 10, "modificationTime": 1, "dataChange": True, "stats": json.dumps({"numRecords": 1})}}
    with open(f"{path}/_delta_log/{version:020d}.json", "w") as entry:
        entry.write(json.dumps(action) + "\n")


def taken(path, count):
    times = []
    table = None if what in ("load", "checkpoint") else load(path)
    for number in range(count):
        if what in ("refresh", "checkpoint"):
            append_by_other(path, (table or DeltaTable(path)).version() + 1)
        began = time.perf_counter()
        if what == "load":
            load(path)
        elif what == "refresh":
            table.update_incremental()
        elif what == "commit":
            table.create_write_transaction([add(number)], "append", table.schema(), ["date"], post_commithook_properties=hooks)
            table.update_incremental()
        else:
            DeltaTable(path).create_checkpoint()
        times.append((time.perf_counter() - began) * 1000)
    return times


taken(small, 1)
times = taken(folder, rounds)
with open("/proc/self/status") as status:
    peak = int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) / 1024
print(json.dumps({"times": times, "peakMiB": peak}))
