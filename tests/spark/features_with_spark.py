"""Tables of features between Silt and Spark: `features_with_spark.py make|read FOLDER JARS`. The last line is what was found.

make: makes `FOLDER/spark-*`, a table of each feature that Spark writes, with three rows of id 1 to 3 and what ends up deleted of them; answers their names.
read: reads the tables of `FOLDER/tables.json` (`[{name, table, expected, ids, upkeep}]`), compares the rows of `expected` by `_offset`, checks what Spark
counts by filters, then appends a row to those with `upkeep`, optimises them, and counts again; answers by name `ok` or what differs.
"""

import datetime
import json
import pathlib
import sys

from spark_session import spark_session

action, folder, jars = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
spark = spark_session(folder, jars)

COLUMNS = "id BIGINT, text STRING, day DATE"
MADE = {
    "name-mapping": (COLUMNS, "", {"delta.columnMapping.mode": "name"}),
    "id-mapping": (COLUMNS, "", {"delta.columnMapping.mode": "id"}),
    "mapped-partitions": (COLUMNS, "PARTITIONED BY (day, text)", {"delta.columnMapping.mode": "name"}),
    "partitions": (COLUMNS + ", at TIMESTAMP", "PARTITIONED BY (text, day)", {}),
    "clustered": (COLUMNS, "CLUSTER BY (id, text)", {}),
    "clocked": (COLUMNS, "", {"delta.enableInCommitTimestamps": "true"}),
    "row-ids": (COLUMNS, "", {"delta.enableRowTracking": "true"}),
    "vectors": (COLUMNS, "", {"delta.enableDeletionVectors": "true"}),
    "change-feed": (COLUMNS, "", {"delta.enableChangeDataFeed": "true"}),
    "v2-checkpoint": (COLUMNS, "", {"delta.checkpointPolicy": "v2", "delta.checkpointInterval": "2"}),
    "zoneless": (COLUMNS + ", local TIMESTAMP_NTZ", "", {}),
    "generated": (COLUMNS + ", doubled BIGINT GENERATED ALWAYS AS (id * 2)", "", {}),
    "default": (COLUMNS + ", origin STRING DEFAULT 'somewhere'", "", {"delta.feature.allowColumnDefaults": "supported"}),
    "constrained": (COLUMNS, "", {}),
    "widened": (COLUMNS + ", small SMALLINT", "", {"delta.enableTypeWidening": "true"}),
}


def make():
    for name, (columns, layout, properties) in MADE.items():
        table = f"delta.`{folder / ('spark-' + name)}`"
        given = ", ".join(f"'{key}' = '{value}'" for key, value in properties.items())
        spark.sql(f"CREATE TABLE {table} ({columns}) USING delta {layout}" + (f" TBLPROPERTIES ({given})" if given else ""))
        if name == "constrained":
            spark.sql(f"ALTER TABLE {table} ADD CONSTRAINT positive CHECK (id > 0)")
        spark.sql(f"INSERT INTO {table} (id, text, day) VALUES (1, 'a', DATE'2026-01-01'), (2, 'b/c d', DATE'2026-01-02'), (3, NULL, NULL)")
        if name == "vectors":
            spark.sql(f"DELETE FROM {table} WHERE id = 2")
        if name == "name-mapping":
            spark.sql(f"ALTER TABLE {table} RENAME COLUMN text TO words")
            spark.sql(f"ALTER TABLE {table} ADD COLUMN text STRING")
        if name == "widened":
            spark.sql(f"ALTER TABLE {table} ALTER COLUMN small TYPE BIGINT")
    return {name: sorted(row["id"] for row in rows_of(f"spark-{name}").select("id").collect()) for name in MADE}


def rows_of(name):
    return spark.read.format("delta").load(str(folder / name))


def plain(value, want):
    if isinstance(value, datetime.datetime):
        moment = datetime.datetime.fromisoformat(want.replace("Z", ""))
        return value.replace(tzinfo=None) == moment
    if isinstance(value, datetime.date):
        return value.isoformat() == want
    if type(value).__name__ == "Decimal":
        return float(value) == want
    return value == want


def checked(table):
    frame = spark.read.format("delta").load(table["table"])
    ours = frame.where("_topic = 'appended'").orderBy("_offset").collect()
    expected = table["expected"]
    if len(ours) != len(expected):
        return f"{len(ours)} of our rows instead of {len(expected)}"
    for row, want in zip(ours, expected):
        for name, value in want.items():
            if not plain(row[name], value):
                return f"row {row['_offset']}: {name} is {row[name]!r} instead of {value!r}"
    if frame.where("_topic = 'appended' AND _offset >= 1").count() != len(expected) - 1:
        return "a filter finds other rows"
    theirs = sorted(row["id"] for row in frame.where("_topic IS NULL").select("id").collect()) if "ids" in table else []
    if theirs != table.get("ids", []):
        return f"their rows are {theirs}"
    return upkept(table, frame.count()) if table["upkeep"] else "ok"


def upkept(table, count):
    """Spark appends, optimises and writes a checkpoint, and every row is there still."""
    place = f"delta.`{table['table']}`"
    columns, row = ("id", "99") if "ids" in table else ("big, timestamp", "99, TIMESTAMP'2026-01-01 00:00:00'")
    spark.sql(f"INSERT INTO {place} ({columns}) VALUES ({row})")
    spark.sql(f"OPTIMIZE {place}")
    log = spark._jvm.org.apache.spark.sql.delta.DeltaLog.forTable(spark._jsparkSession, table["table"])
    log.checkpoint()
    newest = log.unsafeVolatileSnapshot().version()
    if not list(pathlib.Path(table["table"], "_delta_log").glob(f"{newest:020d}.checkpoint*")):
        return f"no checkpoint of version {newest}"
    after = spark.read.format("delta").load(table["table"]).count()
    return "ok" if after == count + 1 else f"{after} rows after upkeep instead of {count + 1}"


def verdict(table):
    try:
        return checked(table)
    except Exception as error:
        return f"failed: {type(error).__name__} {str(error)[:400]}"


if action == "make":
    print(json.dumps(make()))
else:
    print(json.dumps({table["name"]: verdict(table) for table in json.loads((folder / "tables.json").read_text())}))
