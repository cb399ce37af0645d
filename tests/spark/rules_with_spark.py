"""A table with rules of rows by Spark: `rules_with_spark.py TABLE JARS`. Reads it, holds every row against the rules, appends a row that meets them and tries one that does not.

The last line is {"rows", "breaking", "appended", "refused"}: rows found, of them those that break a rule, the row Spark appended as it reads it, the error class of the other.
"""

import json
import logging
import pathlib
import re
import sys

from spark_session import spark_session

table = pathlib.Path(sys.argv[1])
spark = spark_session(table.parent, pathlib.Path(sys.argv[2]))
logging.disable(logging.CRITICAL)
name = f"delta.`{table}`"
rules = [
    "amount >= 0",
    "channel IN ('web', 'app', 'unknown')",
    "day <=> CAST(timestamp AS DATE)",
    "y <=> year(timestamp)",
    "label <=> concat(channel, '/', date_format(timestamp, 'yyyy-MM'))",
]
met = " AND ".join(f"coalesce({rule}, FALSE)" for rule in rules)
rows = spark.sql(f"SELECT count(*) AS n, count_if(NOT ({met})) AS broken FROM {name}").collect()[0]
columns = "(timestamp, channel, user_id)"
spark.sql(f"INSERT INTO {name} {columns} VALUES (TIMESTAMP'2026-06-01 12:00:00', 'web', 'by Spark')")
appended = spark.sql(f"SELECT amount, day, y, label FROM {name} WHERE user_id = 'by Spark'").collect()
refused = None
try:
    spark.sql(f"INSERT INTO {name} {columns} VALUES (TIMESTAMP'2026-06-01 12:00:00', 'fax', 'refused')")
except Exception as error:
    refused = re.search(r"DELTA_[A-Z_]+", str(error))[0]
print(
    json.dumps(
        {
            "rows": rows.n,
            "breaking": rows.broken,
            "appended": [[str(value) for value in row] for row in appended],
            "refused": refused,
        }
    )
)
