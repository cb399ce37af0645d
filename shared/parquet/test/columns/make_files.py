"""Writes Parquet files of random data in many layouts into the folder given: encodings, codecs, page versions, dictionaries, nulls, lists and maps."""

import random
import sys

import pyarrow
import pyarrow.parquet

folder = sys.argv[1]
chance = random.Random(11)


def text():
    return "".join(chance.choice("abcdefgh/=-%é漢") for _ in range(chance.randrange(40)))


def maybe(value):
    return None if chance.random() < 0.2 else value


def column(kind, count):
    if kind == "text":
        return pyarrow.array([maybe(text()) for _ in range(count)], pyarrow.string())
    if kind == "repeated":
        return pyarrow.array([maybe(f"value {chance.randrange(9)}") for _ in range(count)], pyarrow.string())
    if kind == "sorted":
        return pyarrow.array(sorted(f"prefix/{chance.randrange(10**9):09d}" for _ in range(count)), pyarrow.string())
    if kind == "long":
        return pyarrow.array([maybe(chance.randrange(-(2**63), 2**63)) for _ in range(count)], pyarrow.int64())
    if kind == "close":
        return pyarrow.array([10**12 + chance.randrange(1000) for _ in range(count)], pyarrow.int64())
    if kind == "integer":
        return pyarrow.array([maybe(chance.randrange(-(2**31), 2**31)) for _ in range(count)], pyarrow.int32())
    if kind == "flag":
        return pyarrow.array([maybe(chance.random() < 0.9) for _ in range(count)], pyarrow.bool_())
    if kind == "real":
        return pyarrow.array([maybe(chance.random()) for _ in range(count)], pyarrow.float64())
    if kind == "none":
        return pyarrow.nulls(count, pyarrow.string())
    if kind == "map":
        pairs = [maybe([(text(), maybe(text())) for _ in range(chance.randrange(4))]) for _ in range(count)]
        # One key once: which of two counts is not the reader's to say.
        pairs = [each and list(dict(each).items()) for each in pairs]
        return pyarrow.array(pairs, pyarrow.map_(pyarrow.string(), pyarrow.string()))
    if kind == "list":
        return pyarrow.array([maybe([maybe(text()) for _ in range(chance.randrange(5))]) for _ in range(count)], pyarrow.list_(pyarrow.string()))
    return pyarrow.array(
        [maybe({"path": maybe(text()), "values": maybe([(text(), None)]), "n": maybe(chance.randrange(99))}) for _ in range(count)],
        pyarrow.struct([("path", pyarrow.string()), ("values", pyarrow.map_(pyarrow.string(), pyarrow.string())), ("n", pyarrow.int64())]),
    )


kinds = ["text", "repeated", "sorted", "long", "close", "integer", "flag", "real", "none", "map", "list", "struct"]
encodings = {
    "text": ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"],
    "repeated": ["PLAIN"],
    "sorted": ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"],
    "long": ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"],
    "close": ["DELTA_BINARY_PACKED"],
    "integer": ["PLAIN", "DELTA_BINARY_PACKED"],
    "flag": ["PLAIN", "RLE"],
}
for number in range(60):
    count = chance.choice([1, 7, 100, 1000, 3000])
    table = pyarrow.table({kind: column(kind, count) for kind in kinds})
    is_dictionary = chance.random() < 0.4
    chosen = {} if is_dictionary else {"column_encoding": {kind: chance.choice(these) for kind, these in encodings.items()}}
    pyarrow.parquet.write_table(
        table,
        f"{folder}/{number}.parquet",
        compression=chance.choice(["none", "snappy", "gzip", "zstd", "lz4", "brotli"]),
        data_page_version=chance.choice(["1.0", "2.0"]),
        data_page_size=chance.choice([64, 1000, 1_000_000]),
        row_group_size=chance.choice([10, 500, 10_000]),
        use_dictionary=is_dictionary,
        write_statistics=chance.random() < 0.5,
        **chosen,
    )
