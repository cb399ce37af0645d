"""What Spark makes of expressions: `evaluate_with_spark.py REQUEST`, a file of JSON; the last line is the answer.

REQUEST: {"columns": [[name, SQL type]], "rows": [[SQL text of a value]], "expressions": [text]}.
The answer: {"spark": version, "rows": [spoken rows], "cases": [{"sql", "type", "values"} or {"sql", "refused"}]}; a value is spoken as text, null, true, false,
or {"failed": error class}. Days and microseconds since the epoch stand for dates and timestamps.
"""

import json
import logging
import sys

from pyspark.sql import SparkSession

spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.sql.ansi.enabled", "true")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.driver.extraJavaOptions", "-Duser.timezone=UTC")
    .config("spark.ui.enabled", "false")
    .config("spark.ui.showConsoleProgress", "false")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("OFF")
logging.disable(logging.CRITICAL)
request = json.load(open(sys.argv[1]))


def spoken_sql(expression, kind):
    if kind == "date":
        return f"CAST(unix_date({expression}) AS STRING)"
    if kind == "timestamp":
        return f"CAST(unix_micros({expression}) AS STRING)"
    if kind == "timestamp_ntz":
        return f"CAST(unix_micros(CAST({expression} AS TIMESTAMP)) AS STRING)"
    if kind == "binary":
        return f"hex({expression})"
    if kind in ("tinyint", "smallint", "int", "bigint") or kind.startswith("decimal"):
        return f"CAST({expression} AS STRING)"
    return expression


def spoken(value):
    if isinstance(value, float):
        return {float("inf"): "Infinity", float("-inf"): "-Infinity"}.get(value, "NaN" if value != value else repr(value))
    return value


def error_class(error):
    getter = getattr(error, "getCondition", None) or getattr(error, "getErrorClass", None)
    return (getter() if getter else None) or type(error).__name__


kinds = [kind for _, kind in request["columns"]]
cells = [", ".join(f"CAST({text} AS {kind})" for text, kind in zip(row, kinds)) for row in request["rows"]]
values = ", ".join(f"({index}, {row})" for index, row in enumerate(cells))
names = ", ".join(["rowNumber", *(name for name, _ in request["columns"])])
spark.sql(f"SELECT * FROM VALUES {values} AS t({names})").createOrReplaceTempView("given")


def run(expression, kind, where=""):
    found = spark.sql(f"SELECT rowNumber, {spoken_sql('(' + expression + ')', kind)} AS v FROM given{where}").collect()
    return [spoken(row.v) for row in sorted(found, key=lambda row: row.rowNumber)]


def evaluate(expression):
    try:
        kind = spark.sql(f"SELECT ({expression}) AS v FROM given").dtypes[0][1]
    except Exception as error:
        return {"sql": expression, "refused": error_class(error)}
    try:
        return {"sql": expression, "type": kind, "values": run(expression, kind)}
    except Exception:
        pass
    answers = []
    for index in range(len(request["rows"])):
        try:
            answers += run(expression, kind, f" WHERE rowNumber = {index}")
        except Exception as error:
            answers.append({"failed": error_class(error)})
    return {"sql": expression, "type": kind, "values": answers}


columns = [(name, evaluate(name)) for name, kind in request["columns"] if not kind.startswith("STRUCT")]
answer = {
    "spark": spark.version,
    "rows": [{name: case["values"][index] for name, case in columns} for index in range(len(request["rows"]))],
    "cases": [evaluate(each) for each in request["expressions"]],
}
print(json.dumps(answer))
