"""What records become by the rules of the event table (docs/events.md), worked out from their bytes: nothing of Silt is used here.

`decoded(case)` gives rows by (partition, offset), the partition of the table each belongs to, dead letters, and the schema with its added columns.
Values are spoken: integers, days and microseconds as text, doubles as the hex of their bits, decimals as text, bytes as hex.
"""

import base64
import datetime
import hashlib
import json
import re
import struct

EVENT_TEXTS = (
    "channel platform event_type event_category resource_id resource_title interaction_target session_id user_id device_id user_agent client_version"
    " interaction_text"
).split()
EVENT_FIELDS = (
    [("timestamp", "timestamp")]
    + [(name, "string") for name in EVENT_TEXTS[:7]]
    + [("interaction_value", "double"), ("interaction_text", "string")]
    + [(name, "string") for name in EVENT_TEXTS[7:12]]
    + [("metadata", "string"), ("_topic", "string"), ("_topic_id", "string"), ("_partition", "integer"), ("_offset", "long")]
    + [("_kafka_timestamp", "timestamp"), ("_rescued", "string")]
)
PROVENANCE = {"_topic", "_topic_id", "_partition", "_offset", "_kafka_timestamp", "_rescued"}
FALLBACK = {"channel": "unknown", "event_type": "unknown"}
INTEGER_BITS = {"long": 63, "integer": 31, "short": 15, "byte": 7}
SECOND = 1_000_000
EPOCH = datetime.date(1970, 1, 1).toordinal()
FIRST = (datetime.date(1900, 1, 1).toordinal() - EPOCH) * 86_400 * SECOND
END = (datetime.date(9999, 12, 31).toordinal() - EPOCH + 1) * 86_400 * SECOND
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?([Zz]|[-+][0-9]{2}:[0-9]{2})?")
ADDABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,127}")
SPACE = re.compile(r"[ \t\n\r]*")


def no_constant(name):
    raise ValueError(name)


JSON = json.JSONDecoder(strict=True, parse_int=str, parse_float=str, parse_constant=no_constant)


class NotAnObject(Exception):
    pass


def members(text):
    """Top-level members as name -> (value, its JSON verbatim), the last of each name; ValueError for what is no JSON."""
    at = SPACE.match(text).end()
    if not text.startswith("{", at):
        end = value_end(text, at)[1]
        if SPACE.match(text, end).end() != len(text):
            raise ValueError("more than a value")
        raise NotAnObject
    found = {}
    at = SPACE.match(text, at + 1).end()
    while not text.startswith("}", at):
        if not text.startswith('"', at):
            raise ValueError("no key")
        name, at = value_end(text, at)
        at = SPACE.match(text, at).end()
        if not text.startswith(":", at):
            raise ValueError("no colon")
        start = SPACE.match(text, at + 1).end()
        value, end = value_end(text, start)
        found[name] = (value, text[start:end])
        at = SPACE.match(text, end).end()
        if text.startswith(",", at):
            at = SPACE.match(text, at + 1).end()
            if not text.startswith('"', at):
                raise ValueError("no key")
        elif not text.startswith("}", at):
            raise ValueError("no end")
    if SPACE.match(text, at + 1).end() != len(text):
        raise ValueError("more than an object")
    return found


def value_end(text, at):
    try:
        return JSON.raw_decode(text, at)
    except (StopIteration, IndexError) as error:
        raise ValueError("no value") from error


def kind_of(json_text):
    first = json_text[0]
    return {'"': "text", "{": "object", "[": "array", "n": "null", "t": "boolean", "f": "boolean"}.get(first, "number")


def well_formed(text):
    """Lone surrogates become U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if any("\ud800" <= c <= "\udfff" for c in text) else text


def parts_of(number):
    """(negative, digits, exponent): the number exactly, without leading or trailing zeros; zero is (False, "", 0)."""
    mantissa, _, exponent = number.lower().partition("e")
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    stripped = digits.rstrip("0")
    if stripped == "":
        return (False, "", 0)
    return (number.startswith("-"), stripped, int(exponent or 0) - len(fraction) + len(digits) - len(stripped))


def scaled(number, scale, digits_max):
    """The number times 10^scale where that is an integer of at most so many digits."""
    negative, digits, exponent = parts_of(number)
    if digits == "":
        return 0
    zeros = exponent + scale
    if zeros < 0 or len(digits) + zeros > digits_max:
        return None
    return int(digits + "0" * zeros) * (-1 if negative else 1)


def spoken_double(value):
    return "nan" if value != value else struct.pack(">d", value).hex()


def day_of(text):
    try:
        return datetime.date.fromisoformat(text).toordinal() - EPOCH
    except ValueError:
        return None


def micros_of(value, json_text):
    """Microseconds of a timestamp's JSON, or None for what is unfit."""
    kind = kind_of(json_text)
    if kind == "text":
        match = INSTANT.fullmatch(value)
        day = day_of(match[1]) if match else None
        if day is None or int(match[2]) > 23 or int(match[3]) > 59 or int(match[4]) > 59:
            return None
        zone = match[6] or "Z"
        minutes = 0 if zone in "Zz" else int(zone[1:3]) * 60 + int(zone[4:6])
        if zone not in "Zz" and (int(zone[1:3]) > 23 or int(zone[4:6]) > 59):
            return None
        seconds = day * 86_400 + int(match[2]) * 3600 + int(match[3]) * 60 + int(match[4])
        seconds -= minutes * 60 * (-1 if zone[0] == "-" else 1)
        micros = seconds * SECOND + int((match[5] or "").ljust(6, "0")[:6])
    elif kind == "number":
        size = abs(float(json_text))
        if not size < 1e14:
            return None
        unit = 6 if size < 1e11 else 3
        negative, digits, exponent = parts_of(json_text)
        shift = exponent + unit
        micros = int((digits + "0" * shift if shift >= 0 else digits[: max(0, len(digits) + shift)]) or 0)
        micros = -micros if negative else micros
    else:
        return None
    return micros if FIRST <= micros < END else None


def number_of(value, json_text):
    """The number that a JSON number, or a text that is one, spells."""
    kind = kind_of(json_text)
    if kind == "number":
        return json_text
    return value if kind == "text" and NUMBER.fullmatch(value) else None


RESCUE = object()


def converted(name, data_type, value, json_text):
    """(spoken value or RESCUE, whether its JSON is kept in _rescued as well)."""
    kind = kind_of(json_text)
    if data_type == "string":
        if kind == "text":
            return well_formed(value), False
        if kind in ("object", "array") and name in EVENT_TEXTS:
            return RESCUE, True
        return json_text, False
    if data_type == "boolean":
        return (value, False) if kind == "boolean" else (RESCUE, True)
    if data_type in ("timestamp", "timestamp_ntz"):
        micros = micros_of(value, json_text)
        return (RESCUE, True) if micros is None else (str(micros), False)
    if data_type == "date":
        day = day_of(value) if kind == "text" and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else None
        return (str(day), False) if day is not None and FIRST <= day * 86_400 * SECOND < END else (RESCUE, True)
    number = number_of(value, json_text)
    if number is None:
        return RESCUE, True
    if data_type in ("double", "float"):
        double = float(number)
        if double in (float("inf"), float("-inf")):
            return RESCUE, True
        is_exact = parts_of(number) == parts_of(repr(double))
        if data_type == "double":
            return spoken_double(double), not is_exact
        return (spoken_double(double), False) if is_exact and is_float(double) else (RESCUE, True)
    if data_type in INTEGER_BITS:
        integer = scaled(number, 0, 19)
        bound = 1 << INTEGER_BITS[data_type]
        return (str(integer), False) if integer is not None and -bound <= integer < bound else (RESCUE, True)
    precision, scale = decimal_of(data_type)
    unscaled = scaled(number, scale, precision)
    return (RESCUE, True) if unscaled is None else (spoken_decimal(unscaled, scale), False)


def is_float(double):
    try:
        return struct.unpack("<f", struct.pack("<f", double))[0] == double
    except OverflowError:
        return False


def decimal_of(data_type):
    match = re.fullmatch(r"decimal\(([0-9]+),([0-9]+)\)", data_type) if isinstance(data_type, str) else None
    return (int(match[1]), int(match[2])) if match else None


def spoken_decimal(unscaled, scale):
    digits = str(abs(unscaled)).rjust(scale + 1, "0")
    whole, fraction = digits[: len(digits) - scale], digits[len(digits) - scale :]
    return ("-" if unscaled < 0 else "") + whole + ("." + fraction if scale > 0 else "")


def is_filled(name, data_type):
    """Whether values of JSON may land in the column."""
    if name.startswith("_") or not isinstance(data_type, str):
        return False
    decimal = decimal_of(data_type)
    if decimal is not None:
        return decimal[0] <= 18
    return data_type in ("string", "double", "float", "boolean", "timestamp", "timestamp_ntz", "date") or data_type in INTEGER_BITS


class Unit:
    def __init__(self, case):
        spec = self.spec = case["spec"]
        fields = [(each["name"], each["type"]) for each in spec["fields"]]
        known = {name for name, _ in fields}
        self.fields = dict(fields + [each for each in EVENT_FIELDS if each[0] not in known])
        self.partitioned = spec["partitionColumns"] != []
        self.rows = {}
        self.days = {}
        self.dead_letters = {}
        for record in case["records"]:
            self.take(record)

    def columns(self):
        """Of the files: those that JSON or provenance fills."""
        return [name for name, each in self.fields.items() if name in PROVENANCE or self.fills(name, each)]

    def fills(self, name, data_type):
        return is_filled(name, data_type) and name not in self.spec["partitionColumns"]

    def take(self, record):
        value = None if record["value"] is None else base64.b64decode(record["value"])
        oversized = record["oversized"]
        if record["condemned"]:
            return self.bury(record, value, "crashes-decoder", None)
        if oversized is not None:
            return self.bury(record, None, "too-large", f"{oversized['lengthBytes']} bytes, sha256 {oversized['sha256Hex']}")
        if not value:
            return self.bury(record, value, "empty", None)
        if len(value) > self.spec["recordBytesMax"]:
            return self.bury(record, None, "too-large", f"{len(value)} bytes, sha256 {hashlib.sha256(value).hexdigest()}")
        try:
            found = members(value.decode("utf-8", "strict"))
        except UnicodeDecodeError:
            return self.bury(record, value, "invalid-utf8", None)
        except ValueError:
            return self.bury(record, value, "not-json", None)
        except NotAnObject:
            return self.bury(record, value, "not-an-object", None)
        found = {name: each for name, each in found.items() if each[1] != "null"}
        if self.spec["evolution"] == "fail" and any(name not in self.fields for name in found):
            return self.bury(record, value, "schema", None)
        self.settle(record, found)

    def record_micros(self, record):
        """(microseconds that stand for the record's time, that time's text if it is unfit)"""
        at = record["timestampMs"]
        micros = int(at * 1000)
        if at == -1:
            return self.spec["cutAtMs"] * 1000, None
        return (micros, None) if at == int(at) and FIRST <= micros < END else (self.spec["cutAtMs"] * 1000, str(at))

    def settle(self, record, found):
        for name, (_, json_text) in found.items():
            self.grow(name, kind_of(json_text))
        kafka_micros, unfit = self.record_micros(record)
        rescued = {name: json_text for name, (_, json_text) in found.items() if not (name in self.fields and self.fills(name, self.fields[name]))}
        if unfit is not None:
            rescued.setdefault("_kafka_timestamp", unfit)
        row = {}
        for name in self.columns():
            data_type = self.fields[name]
            held = None
            if name in found and name not in PROVENANCE:
                held, is_kept = converted(name, data_type, *found[name])
                held = None if held is RESCUE else held
                if is_kept:
                    rescued[name] = found[name][1]
            if held is None:
                held = str(kafka_micros) if name == "timestamp" else FALLBACK.get(name)
            row[name] = held
        row |= {"_topic": self.spec["topic"], "_topic_id": self.spec["topicId"], "_partition": str(record["partition"])}
        row |= {"_offset": str(record["offset"]), "_kafka_timestamp": str(kafka_micros), "_rescued": rescued or None}
        place = (record["partition"], record["offset"])
        self.rows[place] = row
        self.days[place] = int(row["timestamp"]) // (86_400 * SECOND) if self.partitioned else None

    def grow(self, name, kind):
        lower = {each.lower() for each in self.fields}
        if self.spec["evolution"] != "add" or name in self.fields or name.lower() in lower:
            return
        if len(self.fields) < self.spec["columnsMax"] and ADDABLE.fullmatch(name):
            self.fields[name] = {"number": "double", "boolean": "boolean"}.get(kind, "string")

    def bury(self, record, value, reason, detail):
        kafka_micros, _ = self.record_micros(record)
        self.dead_letters[(record["partition"], record["offset"])] = {
            "_topic": self.spec["topic"],
            "_topic_id": self.spec["topicId"],
            "_partition": str(record["partition"]),
            "_offset": str(record["offset"]),
            "_kafka_timestamp": str(kafka_micros),
            "key": None if record["key"] is None else base64.b64decode(record["key"]).hex(),
            "value": None if value is None else value.hex(),
            "headers": None if record["headers"] is None else headers_of(base64.b64decode(record["headers"])),
            "reason": reason,
            "detail": detail,
            "failed_at": str(self.spec["failedAtMs"] * 1000),
        }


def headers_of(content):
    """Kafka's headers, or None for what is none: count, then key and value of each, lengths zigzag varints."""
    at = 0

    def varint():
        nonlocal at
        value = 0
        for shift in range(0, 35, 7):
            byte = content[at]
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                value &= 0xFFFFFFFF
                return (value >> 1) ^ -(value & 1)
        raise IndexError

    def taken():
        nonlocal at
        length = varint()
        if length < -1 or at + max(length, 0) > len(content):
            raise IndexError
        at += max(length, 0)
        return None if length < 0 else content[at - length : at]

    try:
        headers = []
        for _ in range(varint()):
            key = taken()
            if key is None:
                return None
            value = taken()
            headers.append({"key": key.decode("utf-8", "replace"), "value": None if value is None else value.hex()})
        return headers if at == len(content) else None
    except IndexError:
        return None
