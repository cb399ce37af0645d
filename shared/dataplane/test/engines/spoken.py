"""Values of Arrow tables as the oracle speaks them, and how two spoken values compare."""

import datetime
import decimal

import pyarrow

from event_oracle import spoken_double

EPOCH = datetime.datetime(1970, 1, 1)
MICROSECOND = datetime.timedelta(microseconds=1)


def spoken_column(column):
    """A list of spoken values."""
    kind = column.type
    types = pyarrow.types
    if types.is_dictionary(kind):
        return spoken_column(column.cast(kind.value_type))
    if types.is_timestamp(kind):
        column = column.cast(pyarrow.timestamp("us", kind.tz)).cast(pyarrow.int64())
    elif types.is_date32(kind):
        column = column.cast(pyarrow.int32())
    values = column.to_pylist()
    return [None if value is None else spoken(value) for value in values]


def spoken(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, float):
        return spoken_double(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, datetime.datetime):
        naive = value.astimezone(datetime.timezone.utc).replace(tzinfo=None) if value.tzinfo else value
        return str((naive - EPOCH) // MICROSECOND)
    if isinstance(value, datetime.date):
        return str(value.toordinal() - EPOCH.toordinal())
    if isinstance(value, dict):
        return {key: spoken(each) for key, each in value.items()}
    # Maps come as lists of pairs.
    if value and all(isinstance(each, tuple) for each in value):
        return {key: spoken(each) for key, each in value}
    return [spoken(each) for each in value]


def alike(left, right):
    """Empty maps are spoken as empty lists by Arrow."""
    if left in ([], {}) and right in ([], {}):
        return True
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(alike(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(alike, left, right))
    return type(left) is type(right) and left == right


def counted(value):
    """How many values there are in one."""
    if isinstance(value, dict):
        return sum(map(counted, value.values()))
    return sum(map(counted, value)) if isinstance(value, list) else 1
