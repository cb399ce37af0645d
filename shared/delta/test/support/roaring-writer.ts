import { crc32 } from '../../src/deletion-vectors/crc32.ts'

export type ContainerForm = 'array' | 'bits' | 'runs'

/** The other direction of `decodeRoaringArray`, written from the format's specification; `runs` lets containers be runs where `formOf` says so. */
export function encodeRoaringArray(
  rows: readonly number[],
  formOf: (cardinality: number) => ContainerForm,
): Uint8Array {
  const sorted = [...new Set(rows)].sort((a, b) => a - b)
  const buckets = groupBy(sorted, (row) => Math.floor(row / 2 ** 32))
  const parts: Uint8Array[] = [u32(1681511377), u32(buckets.size), u32(0)]
  for (const [key, values] of buckets)
    parts.push(
      u32(key),
      ...bitmap(
        values.map((value) => value % 2 ** 32),
        formOf,
      ),
    )
  return Buffer.concat(parts)
}

/** A file of vectors, and where each begins. */
export function vectorFile(vectors: readonly Uint8Array[]): {
  readonly body: Uint8Array
  readonly offsets: readonly number[]
} {
  const parts: Uint8Array[] = [Uint8Array.of(1)]
  const offsets: number[] = []
  let at = 1
  for (const data of vectors) {
    offsets.push(at)
    const frame = Buffer.alloc(8 + data.length)
    frame.writeUInt32BE(data.length, 0)
    frame.set(data, 4)
    frame.writeUInt32BE(crc32(data), 4 + data.length)
    parts.push(frame)
    at += frame.length
  }
  return { body: Buffer.concat(parts), offsets }
}

function bitmap(values: readonly number[], formOf: (cardinality: number) => ContainerForm): Uint8Array[] {
  const containers = [...groupBy(values, (value) => value >>> 16)].map(([key, all]) => {
    const low = all.map((value) => value & 0xffff)
    const wanted = formOf(low.length)
    const form: ContainerForm = wanted === 'runs' ? 'runs' : low.length <= 4096 ? 'array' : 'bits'
    return { key, low, form }
  })
  const withRuns = containers.some(({ form }) => form === 'runs')
  const header = containers.map(({ key, low }) => Buffer.concat([u16(key), u16(low.length - 1)]))
  const bodies = containers.map(({ low, form }) => body(low, form))
  const flags = new Uint8Array(Math.ceil(containers.length / 8))
  containers.forEach(({ form }, index) => {
    if (form === 'runs') flags[index >>> 3] = (flags[index >>> 3] as number) | (1 << (index & 7))
  })
  const cookie = withRuns ? [u16(12347), u16(containers.length - 1), flags] : [u32(12346), u32(containers.length)]
  const hasOffsets = !withRuns || containers.length >= 4
  let offset = Buffer.concat(cookie).length + containers.length * (hasOffsets ? 8 : 4)
  const offsets = bodies.map((each) => {
    const found = u32(offset)
    offset += each.length
    return found
  })
  return [...cookie, ...header, ...(hasOffsets ? offsets : []), ...bodies]
}

function body(low: readonly number[], form: ContainerForm): Uint8Array {
  if (form === 'array') return Buffer.concat(low.map(u16))
  if (form === 'bits') {
    const bits = new Uint8Array(8192)
    for (const value of low) bits[value >>> 3] = (bits[value >>> 3] as number) | (1 << (value & 7))
    return bits
  }
  const runs: [number, number][] = []
  for (const value of low) {
    const last = runs.at(-1)
    if (last !== undefined && last[0] + last[1] + 1 === value) last[1]++
    else runs.push([value, 0])
  }
  return Buffer.concat([u16(runs.length), ...runs.flatMap(([start, more]) => [u16(start), u16(more)])])
}

function groupBy(values: readonly number[], keyOf: (value: number) => number): Map<number, number[]> {
  const groups = new Map<number, number[]>()
  for (const value of values) {
    const group = groups.get(keyOf(value))
    if (group === undefined) groups.set(keyOf(value), [value])
    else group.push(value)
  }
  return groups
}

function u16(value: number): Uint8Array {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
