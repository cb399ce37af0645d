"""Reads files of the data plane, and a table of Silt's, by Spark and its parquet-java: `read_with_spark.py FOLDER JARS`. The last line is what was found.

FOLDER has `*.table.json` (rows, spoken) beside `*.parquet`; `types.parquet` with rows ordered by `at`; `unnamed.parquet`, whose writer names itself in a way
that parquet-java warns of; `expected.json` with what of the Delta table `table` must be found. Whatever Spark logs at WARN goes to `spark.log` there.
"""

import json
import pathlib
import sys

from pyspark.sql import functions

from spark_session import spark_session

folder, jars = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "shared/dataplane/test/engines"))
from spoken import alike, counted, spoken_column  # noqa: E402

LOG = folder / "spark.log"
spark = spark_session(folder, jars)
differences = []
values = 0


def compare(name, found, expected):
    global values
    if len(found) != len(expected):
        differences.append(f"{name}: {len(found)} rows instead of {len(expected)}")
        return
    for row, want in zip(found, expected):
        for column, value in row.items():
            values += counted(value)
            if not alike(value, want[column]):
                differences.append(f"{name}.{column}: {value} instead of {want[column]}"[:1000])


def rows_of(frame):
    table = frame.toArrow()
    columns = [spoken_column(column) for column in table.columns]
    return [dict(zip(table.column_names, row)) for row in zip(*columns)]


def scanned(frame):
    """(rows found, rows that came out of the file) of a filter."""
    plan = frame._jdf.queryExecution().executedPlan()
    found = frame._jdf.queryExecution().executedPlan().executeCollect()
    leaves = plan.collectLeaves()
    return len(found), leaves.apply(0).metrics().apply("numOutputRows").value()


def pruned(condition, **settings):
    """Of types.parquet, with settings of parquet-java."""
    for name, value in settings.items():
        spark.conf.set(f"parquet.filter.{name}.enabled", value)
    answer = scanned(spark.read.parquet(str(folder / "types.parquet")).where(condition))
    for name in settings:
        spark.conf.unset(f"parquet.filter.{name}.enabled")
    return answer


def warnings():
    return [line for line in LOG.read_text().splitlines() if "org.apache.parquet" in line]


def read_files():
    for path in sorted(folder.glob("*.table.json")):
        name = path.name.removesuffix(".table.json")
        expected = json.loads(path.read_text())["rows"]
        # The larger file by the reader that Spark takes unless told otherwise.
        for vectorized in ("true", "false")[: 1 if name == "types" else 2]:
            spark.conf.set("spark.sql.parquet.enableVectorizedReader", vectorized)
            compare(f"{name}, vectorized {vectorized}", rows_of(spark.read.parquet(str(folder / f"{name}.parquet"))), expected)
    spark.conf.unset("spark.sql.parquet.enableVectorizedReader")


def bounds_of_footers():
    """Counts, least and greatest values by the statistics of the footers alone, where Spark takes them, and by reading."""
    answers = []
    columns = ["at", "int", "short", "byte", "day", "double", "float"]
    wanted = [functions.count("*")] + [each(column) for column in columns for each in (functions.min, functions.max)]
    for pushed in ("true", "false"):
        spark.conf.set("spark.sql.parquet.aggregatePushdown", pushed)
        spark.conf.set("spark.sql.sources.useV1SourceList", "")
        frame = spark.read.parquet(str(folder / "types.parquet")).agg(*wanted)
        assert ("PushedAggregation: [COUNT" in frame._jdf.queryExecution().toString()) == (pushed == "true")
        answers.append([str(each) for each in frame.collect()[0]])
    spark.conf.unset("spark.sql.parquet.aggregatePushdown")
    spark.conf.unset("spark.sql.sources.useV1SourceList")
    if answers[0] != answers[1]:
        differences.append(f"footers say {answers[0]}, values {answers[1]}")
    return answers[0]


def read_table(expected):
    table = spark.read.format("delta").load(str(folder / "table"))
    found = table.agg(
        functions.count("*").alias("rows"),
        functions.sum("interaction_value").alias("sum"),
        functions.min("timestamp").cast("double").alias("first"),
        functions.max("timestamp").cast("double").alias("last"),
    ).collect()[0]
    answer = {"rows": found["rows"], "sum": found["sum"], "first": found["first"], "last": found["last"]}
    answer["ofUser"] = table.where(functions.col("user_id") == expected["user"]).count()
    answer["before"] = table.where(functions.col("timestamp") < functions.timestamp_seconds(functions.lit(expected["split"]))).count()
    return answer


read_files()
answer = {
    "footers": bounds_of_footers(),
    "table": read_table(json.loads((folder / "expected.json").read_text())),
    "pages": {
        "with index": pruned("at between 7100 and 7109"),
        "without": pruned("at between 7100 and 7109", columnindex="false"),
        "text, with index": pruned("text = 'text 007105'"),
        "text, without": pruned("text = 'text 007105'", columnindex="false"),
    },
    "bloom": {
        "with filter": pruned("id = 'id 5555x'", columnindex="false", dictionary="false"),
        "without": pruned("id = 'id 5555x'", columnindex="false", dictionary="false", bloom="false"),
        "there, with filter": pruned("id = 'id 7777'", columnindex="false", dictionary="false"),
    },
    "warnings": warnings(),
}
spark.read.parquet(str(folder / "unnamed.parquet")).where("at > 5").count()
answer |= {"warningsOfUnnamed": len(warnings()) - len(answer["warnings"]), "values": values, "differences": differences[:10]}
print(json.dumps(answer))
spark.stop()
