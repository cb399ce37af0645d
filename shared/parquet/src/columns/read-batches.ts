import type { ColumnChunk, CompressionCodec, FileMetaData, RowGroup } from 'hyparquet'
import { nullVector, type ByteSource, type ColumnBatch, type ColumnVector, type StructType } from '@silt/core'
import { ChunkBytes } from './chunk-bytes.ts'
import { leavesOf, type ColumnNode } from './column-tree.ts'
import { LeafCursor, type Leaf, type Segment } from './leaf-cursor.ts'
import { leafVector, validityAt } from './leaf-vector.ts'
import { knownTypes } from './page-values.ts'

const batchRowsMax = 32_768
/** Of values in one batch, roughly. */
const batchBytesMax = 16 * 1024 * 1024
/** A row group's columns are read at once where they have no more bytes together. */
const groupBytesMax = 24 * 1024 * 1024

const knownEncodings: ReadonlySet<string> = new Set([
  'PLAIN',
  'PLAIN_DICTIONARY',
  'RLE',
  'RLE_DICTIONARY',
  'DELTA_BINARY_PACKED',
  'DELTA_LENGTH_BYTE_ARRAY',
  'DELTA_BYTE_ARRAY',
])
const knownCodecs: ReadonlySet<CompressionCodec> = new Set([
  'UNCOMPRESSED',
  'SNAPPY',
  'GZIP',
  'BROTLI',
  'ZSTD',
  'LZ4',
  'LZ4_RAW',
])

/** Whether every chunk of the columns is of encodings and codecs read here. */
export function canReadBatches(metadata: FileMetaData, nodes: readonly ColumnNode[]): boolean {
  const leaves = nodes.flatMap(leavesOf)
  if (!leaves.every(({ type }) => knownTypes.has(type))) return false
  return metadata.row_groups.every((group) =>
    leaves.every((leaf) => {
      const meta = chunkOf(group, leaf)?.meta_data
      if (meta === undefined) return false
      return knownCodecs.has(meta.codec) && meta.encodings.every((each) => knownEncodings.has(each))
    }),
  )
}

/** The columns of `schema`, whose places in the file are `nodes`, batch by batch. Throws RangeError for a damaged file. */
export async function* readBatches(
  source: ByteSource,
  metadata: FileMetaData,
  schema: StructType,
  nodes: readonly ColumnNode[],
): AsyncGenerator<ColumnBatch> {
  const leaves = nodes.flatMap(leavesOf)
  for (const group of metadata.row_groups) {
    const rowCount = Number(group.num_rows)
    const cursors = await openCursors(source, group, leaves)
    const rowsAtOnce = rowsOfBatch(group, leaves)
    for (let row = 0; row < rowCount; row += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, rowCount - row)
      const taken = new Map<Leaf, readonly Segment[]>()
      for (const cursor of cursors) taken.set(cursor.leaf, await cursor.take(rows))
      const columns = nodes.map((node) => vectorOf(node, taken, rows, 0))
      if (columns.some(({ length }) => length !== rows))
        throw new RangeError('a column has other rows than its row group')
      yield { schema, rowCount: rows, columns }
    }
  }
}

function chunkOf(group: RowGroup, leaf: Leaf): ColumnChunk | undefined {
  return group.columns.find(({ meta_data: meta }) => {
    const path = meta?.path_in_schema
    return path?.length === leaf.path.length && path.every((name, index) => name === leaf.path[index])
  })
}

function rowsOfBatch(group: RowGroup, leaves: readonly Leaf[]): number {
  const rows = Number(group.num_rows)
  const bytes = leaves.reduce(
    (sum, leaf) => sum + Number(chunkOf(group, leaf)?.meta_data?.total_uncompressed_size ?? 0),
    0,
  )
  const fitting = Math.floor((batchBytesMax / Math.max(1, bytes)) * rows)
  return Math.max(256, Math.min(batchRowsMax, fitting))
}

async function openCursors(source: ByteSource, group: RowGroup, leaves: readonly Leaf[]): Promise<LeafCursor[]> {
  const places = leaves.map((leaf) => {
    const meta = chunkOf(group, leaf)?.meta_data
    if (meta === undefined) throw new RangeError(`a row group lacks column ${leaf.path.join('.')}`)
    const data = Number(meta.data_page_offset)
    const dictionary = Number(meta.dictionary_page_offset ?? 0n)
    const start = dictionary > 0 && dictionary < data ? dictionary : data
    const end = start + Number(meta.total_compressed_size)
    if (start < 4 || end > source.sizeBytes) throw new RangeError('a column chunk stands outside of its file')
    return { leaf, meta, start, end }
  })
  const from = Math.min(...places.map(({ start }) => start))
  const to = Math.max(...places.map(({ end }) => end))
  const wanted = places.reduce((sum, { start, end }) => sum + end - start, 0)
  const isTogether = places.length > 0 && to - from <= groupBytesMax && to - from <= 2 * wanted
  const span = isTogether ? await source.read(from, to) : undefined
  return places.map(({ leaf, meta, start, end }) => {
    const bytes = new ChunkBytes(source, start, end, span?.subarray(start - from, end - from))
    return new LeafCursor(leaf, { codec: meta.codec, entries: Number(meta.num_values) }, bytes)
  })
}

/** `slotLevel`: the definition level from which an entry is a slot of this column; 0 outside of lists. */
function vectorOf(
  node: ColumnNode,
  taken: ReadonlyMap<Leaf, readonly Segment[]>,
  length: number,
  slotLevel: number,
): ColumnVector {
  switch (node.kind) {
    case 'absent':
      return nullVector(node.type, length)
    case 'leaf':
      return leafVector(node.leaf, node.type, taken.get(node.leaf) ?? [], slotLevel)
    case 'struct': {
      const children = node.children.map((child) => vectorOf(child, taken, length, slotLevel))
      const [first] = leavesOf(node)
      if (!node.isNullable) return { kind: 'struct', length, nullCount: 0, children }
      if (first === undefined) return { kind: 'struct', ...noSlots(length), children }
      const segments = rowStarts(first, taken.get(first) ?? [], slotLevel)
      return { kind: 'struct', length, ...presenceAt(segments, slotLevel, node.level, length), children }
    }
    case 'list': {
      const [first] = leavesOf(node)
      if (first === undefined) throw new RangeError('a list without items')
      const segments = taken.get(first) ?? []
      const offsets = listOffsets(segments, node.itemLevel, length)
      const child = vectorOf(node.item, taken, offsets[length] as number, node.itemLevel)
      const starts = rowStarts(first, segments, 0)
      return { kind: 'list', length, ...presenceAt(starts, 0, node.level, length), offsets, child }
    }
  }
}

function noSlots(length: number) {
  return { length, nullCount: length, validity: new Uint8Array((length + 7) >> 3) }
}

function presenceAt(segments: readonly Segment[], slotLevel: number, level: number, length: number) {
  let present = 0
  for (const { levels } of segments)
    for (let index = 0; index < levels.length; index++)
      if ((levels[index] as number) >= Math.max(level, slotLevel)) present++
  const nullCount = length - present
  return nullCount === 0 ? { nullCount } : { nullCount, validity: validityAt(segments, slotLevel, level, length) }
}

/** The entries that begin a row, of a leaf below a list looked at from outside of it. */
function rowStarts(leaf: Leaf, segments: readonly Segment[], slotLevel: number): readonly Segment[] {
  if (leaf.repeatMax === 0 || slotLevel > 0) return segments
  return segments.map((segment) => {
    const { levels, repeats } = segment
    if (repeats === undefined) return segment
    const starts = new Uint8Array(levels.length)
    let count = 0
    for (let index = 0; index < levels.length; index++)
      if (repeats[index] === 0) starts[count++] = levels[index] as number
    return { ...segment, levels: starts.subarray(0, count) }
  })
}

function listOffsets(segments: readonly Segment[], itemLevel: number, length: number): Int32Array {
  const offsets = new Int32Array(length + 1)
  let row = -1
  let items = 0
  for (const { levels, repeats } of segments) {
    if (repeats === undefined) continue
    for (let index = 0; index < levels.length; index++) {
      if (repeats[index] === 0) {
        if (row >= length) throw new RangeError('a list column has more rows than its row group')
        if (row >= 0) offsets[row + 1] = items
        row++
      }
      if (row < 0) throw new RangeError('a list column does not begin with a row')
      if ((levels[index] as number) >= itemLevel) items++
    }
  }
  if (row !== length - 1) throw new RangeError('a list column has other rows than its row group')
  offsets[length] = items
  return offsets
}
