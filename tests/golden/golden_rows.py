"""What deltalake reads from each table below the folder given, as JSON lines spelled as `silt table cat` spells them: <out>/<table>.jsonl, or <table>.error."""

import base64
import datetime
import decimal
import json
import math
import pathlib
import sys

import deltalake
import pyarrow

folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
names = sys.argv[3:]
epoch = datetime.datetime(1970, 1, 1)


def named(key):
    """A key of an object is text, spelled as JavaScript spells numbers."""
    if isinstance(key, float) and key.is_integer():
        key = int(key)
    return key if isinstance(key, str) else json.dumps(key, separators=(",", ":"))


def spelled(value, kind):
    if value is None:
        return None
    if pyarrow.types.is_struct(kind):
        return {field.name: spelled(value[field.name], field.type) for field in kind}
    if pyarrow.types.is_list(kind) or pyarrow.types.is_large_list(kind) or pyarrow.types.is_list_view(kind):
        return [spelled(each, kind.value_type) for each in value]
    if pyarrow.types.is_map(kind):
        pairs = ((spelled(key, kind.key_type), spelled(each, kind.item_type)) for key, each in value)
        return {named(key): each for key, each in pairs}
    if isinstance(value, bool) or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= 2**53 - 1 else str(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, datetime.datetime):
        zoned = value.tzinfo is not None
        plain = value.astimezone(datetime.timezone.utc).replace(tzinfo=None) if zoned else value
        return plain.strftime("%Y-%m-%dT%H:%M:%S.%f").rjust(26, "0") + ("Z" if zoned else "")
    if isinstance(value, datetime.date):
        return value.isoformat()
    raise TypeError(f"{kind}: {type(value)}")


for name in names:
    try:
        table = deltalake.DeltaTable(str(folder / name))
        builder = deltalake.QueryBuilder().register("t", table)
        batches = pyarrow.RecordBatchReader.from_stream(builder.execute("SELECT * FROM t"))
        with open(out / f"{name}.jsonl", "w") as lines:
            for batch in batches:
                columns = [(field.name, field.type) for field in batch.schema]
                for row in batch.to_pylist():
                    lines.write(json.dumps({key: spelled(row[key], kind) for key, kind in columns}) + "\n")
    except BaseException as error:
        (out / f"{name}.jsonl").unlink(missing_ok=True)
        (out / f"{name}.error").write_text(f"{type(error).__name__}: {error}")
print(json.dumps(len(names)))
