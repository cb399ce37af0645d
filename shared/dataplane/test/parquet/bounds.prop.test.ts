import fc from 'fast-check'
import { decimalOf } from '@silt/core'
import { describe, expect, it } from 'vitest'
import { PlaneParquetWriter } from '../../src/parquet/plane-parquet-writer.ts'
import { boundValue, metadataOf, pageIndexOf } from './file-index.ts'
import { leafValues, order, type LeafValues } from './leaf-values.ts'
import { randomTable } from './random-batch.ts'
import { onEachBuild } from '../each-build.ts'

const table = fc.tuple(randomTable({ rowsMax: 40 }), fc.constantFrom(1, 4, 20_000), fc.constantFrom(5, 1_000_000))

onEachBuild((engine, runs) => {
  describe('statistics of random files', () => {
    it('bound every value of every page, count its nulls and say where it stands', () => {
      fc.assert(
        fc.property(table, ([{ schema, rows }, pageRowsMax, rowGroupRowsMax]) => {
          const file = new PlaneParquetWriter({ codec: 'none', pageRowsMax, rowGroupRowsMax }, engine).encodeRows(
            schema,
            rows,
          )
          const leaves = leafValues(schema, rows)
          let firstRow = 0
          for (const group of metadataOf(file).row_groups) {
            const rowEnd = firstRow + Number(group.num_rows)
            expect(Number(group.num_rows)).toBeLessThanOrEqual(rowGroupRowsMax)
            group.columns.forEach((chunk, position) => {
              const leaf = leaves[position]!
              const { column, offset } = pageIndexOf(file, chunk, leaf.type)
              const starts = offset!.page_locations.map((place) => Number(place.first_row_index) + firstRow)
              expect(starts[0]).toBe(firstRow)
              expect(Number(offset!.page_locations[0]!.offset)).toBe(Number(chunk.meta_data!.data_page_offset))
              starts.forEach((start, page) => {
                const end = starts[page + 1] ?? rowEnd
                expect(end - start).toBeLessThanOrEqual(pageRowsMax)
                const values = leaf.rows.slice(start, end).flat()
                const present = values.filter((value) => value !== null)
                if (column === undefined) return
                expect(column.null_pages[page]).toBe(present.length === 0)
                expect(Number(column.null_counts![page])).toBe(values.length - present.length)
                if (present.length > 0) expectBounds(leaf, present, column.min_values[page], column.max_values[page])
              })
              if (column !== undefined) expectOrder(leaf, column)
              const all = leaf.rows.slice(firstRow, rowEnd).flat()
              const statistics = chunk.meta_data!.statistics!
              expect(Number(statistics.null_count)).toBe(all.filter((value) => value === null).length)
              expect(Number(chunk.meta_data!.num_values)).toBe(all.length)
              const present = all.filter((value) => value !== null)
              const { min_value: min, max_value: max } = statistics
              // hyparquet reads these of decimals as doubles.
              if (decimalOf(leaf.type) === undefined) expectBounds(leaf, present, min, max)
            })
            firstRow = rowEnd
          }
          expect(firstRow).toBe(rows.length)
        }),
        { numRuns: runs(400), endOnFailure: true },
      )
    })
  })
})

function expectBounds(leaf: LeafValues, values: readonly unknown[], min: unknown, max: unknown): void {
  for (const value of values) {
    if (min !== undefined) expect(order(leaf.type, boundValue(leaf.type, min), value) ?? 0).toBeLessThanOrEqual(0)
    if (max !== undefined) expect(order(leaf.type, boundValue(leaf.type, max), value) ?? 0).toBeGreaterThanOrEqual(0)
  }
  // Zeros of either sign are bounded in any order, and NaN is no bound.
  if (leaf.type === 'float' || leaf.type === 'double') {
    if (min === 0) expect(min).toBe(-0)
    if (max === 0) expect(max).toBe(0)
  }
  expect(min === min && max === max).toBe(true)
}

function expectOrder(leaf: LeafValues, column: NonNullable<ReturnType<typeof pageIndexOf>['column']>): void {
  const pages = column.null_pages.flatMap((isNull, page) => (isNull ? [] : [page]))
  const signs = [column.min_values, column.max_values].flatMap((bounds) =>
    pages
      .slice(1)
      .map((page, index) =>
        order(leaf.type, boundValue(leaf.type, bounds[pages[index]!]), boundValue(leaf.type, bounds[page])),
      ),
  )
  const expected = signs.every((sign) => sign! <= 0)
    ? 'ASCENDING'
    : signs.every((sign) => sign! >= 0)
      ? 'DESCENDING'
      : 'UNORDERED'
  expect(column.boundary_order).toBe(expected)
}
