"""Statistics of files against the values they are of: whether every bound holds, every null is counted."""

import datetime
import decimal
import json
import re
import struct

import pyarrow

EPOCH = datetime.datetime(1970, 1, 1)
MILLIS = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{3})Z?")


def of_footer(opened, table):
    """Yields what is wrong in the statistics of flat columns' chunks, as pyarrow reads them."""
    metadata = opened.metadata
    first = 0
    for group in range(metadata.num_row_groups):
        part = table.slice(first, metadata.row_group(group).num_rows)
        first += part.num_rows
        for index in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(index)
            found = chunk.statistics
            if len(opened.schema.column(index).path.split(".")) > 1 or found is None:
                continue
            column = part.column(chunk.path_in_schema)
            if found.null_count != column.null_count:
                yield f"{chunk.path_in_schema}: {found.null_count} nulls instead of {column.null_count}"
            values = [value for value in ordered(column) if value is not None and value == value]
            if not found.has_min_max or not values:
                continue
            low, high = bound(found.min), bound(found.max)
            if type(low) is not type(values[0]):
                continue
            if not all(low <= value <= high for value in values):
                yield f"{chunk.path_in_schema}: {low!r} to {high!r} of {min(values)!r} to {max(values)!r}"


def ordered(column):
    if pyarrow.types.is_timestamp(column.type):
        return column.cast(pyarrow.int64()).to_pylist()
    return [bound(value) for value in column.to_pylist()]


def bound(value):
    if isinstance(value, datetime.datetime):
        return (value.replace(tzinfo=None) - EPOCH) // datetime.timedelta(microseconds=1)
    return value.encode() if isinstance(value, str) else value


def of_delta(stats, rows, types):
    """Yields what is wrong in the Delta statistics (JSON) of a file with these spoken rows; `types` by column, as Delta's schema has them."""
    told = json.loads(stats, parse_float=decimal.Decimal)
    if told["numRecords"] != len(rows):
        yield f"{told['numRecords']} records instead of {len(rows)}"
    yield from of_struct(told["minValues"], told["maxValues"], told["nullCount"], rows, types)


def of_struct(lows, highs, nulls, rows, types):
    for name, data_type in types.items():
        held = [row.get(name) for row in rows if row.get(name) is not None]
        if isinstance(data_type, dict) and data_type["type"] == "struct":
            inner = {each["name"]: each["type"] for each in data_type["fields"]}
            sides = [side.get(name, {}) for side in (lows, highs, nulls)]
            yield from of_struct(*sides, [row.get(name) or {} for row in rows], inner)
            continue
        if nulls[name] != len(rows) - len(held):
            yield f"{name}: {nulls[name]} nulls instead of {len(rows) - len(held)}"
        if not isinstance(data_type, str) or data_type in ("boolean", "binary"):
            continue
        # A side may be left out, as where there is a NaN, which is no bound.
        values = [each for each in (comparable(data_type, value) for value in held) if each is not None]
        if values and name in lows and not bound_of(data_type, lows[name], 0) <= min(values):
            yield f"{name}: {lows[name]!r} is above {min(values)!r}"
        if values and name in highs and not bound_of(data_type, highs[name], 999) >= max(values):
            yield f"{name}: {highs[name]!r} is below {max(values)!r}"


def comparable(data_type, spoken):
    """A spoken value as one that Python orders as the type does."""
    if data_type == "string":
        return spoken.encode()
    if data_type in ("double", "float"):
        return None if spoken == "nan" else struct.unpack(">d", bytes.fromhex(spoken))[0]
    return decimal.Decimal(spoken)


def bound_of(data_type, told, micros):
    """A bound as its readers take it: times have milliseconds, so that a greatest one stands for all microseconds of its own."""
    if data_type == "string":
        return told.encode()
    if data_type in ("timestamp", "timestamp_ntz"):
        parts = [int(each) for each in MILLIS.fullmatch(told).groups()]
        at = datetime.datetime(*parts[:6]) - EPOCH
        return decimal.Decimal(at // datetime.timedelta(microseconds=1) + parts[6] * 1000 + micros)
    if data_type == "date":
        return decimal.Decimal(datetime.date.fromisoformat(told).toordinal() - EPOCH.toordinal())
    if data_type in ("double", "float"):
        double = float(told)
        return double if data_type == "double" else struct.unpack("<f", struct.pack("<f", double))[0]
    return decimal.Decimal(told)
