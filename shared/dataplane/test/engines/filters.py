"""Filters on a file with a page index and a Bloom filter, by DuckDB and pyarrow."""

import pyarrow.parquet


def faults(duck, file, column):
    """Yields what is wrong: a filter finds the very rows that a read without one has, every value is in the Bloom filter, hardly any other is."""
    opened = pyarrow.parquet.ParquetFile(file)
    values = sorted(value for value in opened.read([column]).column(column).to_pylist() if value is not None)
    for value in [values[0], values[len(values) // 3], values[-1]]:
        wanted = values.count(value)
        found = duck.execute(f'select count(*) from read_parquet(?) where "{column}" = ?', [str(file), value]).fetchone()[0]
        by_pyarrow = pyarrow.parquet.read_table(file, filters=[(column, "=", value)]).num_rows
        if (found, by_pyarrow) != (wanted, wanted):
            yield f"{column} = {value!r}: {found} and {by_pyarrow} rows instead of {wanted}"
    chunks = [opened.metadata.row_group(0).column(index) for index in range(opened.metadata.num_columns)]
    if not all(chunk.has_offset_index and chunk.has_column_index for chunk in chunks):
        yield "no page index"

    def groups_with(value):
        probe = "select count(*) from parquet_bloom_probe(?, ?, ?) where not bloom_filter_excludes"
        return duck.execute(probe, [str(file), column, value]).fetchone()[0]

    present = sorted(set(values))[:: max(1, len(set(values)) // 200)]
    lost = [value for value in present if groups_with(value) == 0]
    if lost:
        yield f"not in the Bloom filter: {lost[:5]}"
    absent = [f"absent-{index}" if isinstance(present[0], str) else -(index * 7919 + 13) for index in range(300)]
    passed = sum(groups_with(value) for value in absent)
    if not passed < 0.05 * len(absent) * opened.metadata.num_row_groups:
        yield f"{passed} row groups pass for {len(absent)} values that are not there"
