import { crc32c } from '@node-rs/crc32'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { CODECS, type Codec } from '../../src/kafka/batch/decompress.ts'
import { lz4Frame, snappyRaw, snappyXerial } from './tiny-compressors.ts'

export interface TestRecord {
  readonly offset: number
  readonly key?: string | null
  readonly value?: string | Uint8Array | null
  readonly timestampMs?: number | bigint
  readonly headers?: readonly (readonly [string, string | null])[]
}

export interface TestBatch {
  readonly records: readonly TestRecord[]
  readonly codec?: Codec | 'snappy-xerial'
  readonly baseOffset?: number
  readonly lastOffset?: number
  readonly producerId?: bigint
  readonly transactional?: boolean
  readonly control?: 'abort' | 'commit'
  readonly logAppendTimeMs?: number
  readonly recordCount?: number
}

/** A record batch of format 2, written from the protocol guide and nothing of ours that reads. */
export function encodeBatch(batch: TestBatch): Buffer {
  const { records, codec = 'none', producerId = -1n } = batch
  const baseOffset = batch.baseOffset ?? records[0]?.offset ?? 0
  const lastOffset = batch.lastOffset ?? records.at(-1)?.offset ?? baseOffset
  const timestamps = records.map(({ timestampMs }) => BigInt(timestampMs ?? 1_700_000_000_000))
  const baseTimestamp = timestamps[0] ?? -1n
  const area = compress(
    codec,
    Buffer.concat(records.map((record) => encodeRecord(record, baseOffset, baseTimestamp, batch))),
  )
  const codecNumber = CODECS.indexOf(codec === 'snappy-xerial' ? 'snappy' : codec)
  const attributes =
    codecNumber |
    (batch.logAppendTimeMs === undefined ? 0 : 8) |
    (batch.transactional || batch.control ? 16 : 0) |
    (batch.control ? 32 : 0)
  const head = Buffer.alloc(61)
  head.writeBigInt64BE(BigInt(baseOffset), 0)
  head.writeInt32BE(49 + area.length, 8)
  head.writeInt8(2, 16)
  head.writeInt16BE(attributes, 21)
  head.writeInt32BE(lastOffset - baseOffset, 23)
  head.writeBigInt64BE(baseTimestamp, 27)
  head.writeBigInt64BE(BigInt(batch.logAppendTimeMs ?? newest(timestamps)), 35)
  head.writeBigInt64BE(producerId, 43)
  head.writeInt16BE(0, 51)
  head.writeInt32BE(0, 53)
  head.writeInt32BE(batch.recordCount ?? records.length, 57)
  return resealed(Buffer.concat([head, area]))
}

/** A transaction's end marker. */
export function encodeMarker(offset: number, producerId: bigint, control: 'abort' | 'commit'): Buffer {
  return encodeBatch({ records: [{ offset }], producerId, control })
}

/** The batch with a checksum that fits its bytes, whatever they are. */
export function resealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}

export function zigzag(value: bigint): Buffer {
  const out: number[] = []
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128)
  out.push(Number(rest))
  return Buffer.from(out)
}

function newest(timestamps: readonly bigint[]): bigint {
  return timestamps.reduce((max, each) => (each > max ? each : max), -1n)
}

function encodeRecord(record: TestRecord, baseOffset: number, baseTimestamp: bigint, batch: TestBatch): Buffer {
  const varint = (value: number): Buffer => zigzag(BigInt(value))
  const bytes = (value: string | Uint8Array | null): Buffer =>
    value === null ? varint(-1) : Buffer.concat([varint(Buffer.from(value).length), Buffer.from(value)])
  const key =
    batch.control === undefined
      ? (record.key ?? null)
      : Buffer.from([0, 0, 0, batch.control === 'abort' ? 0 : 1]).toString('latin1')
  const headers = record.headers ?? []
  const body = Buffer.concat([
    Buffer.from([0]),
    zigzag(BigInt.asIntN(64, BigInt(record.timestampMs ?? 1_700_000_000_000) - baseTimestamp)),
    varint(record.offset - baseOffset),
    bytes(key),
    bytes(record.value ?? null),
    varint(headers.length),
    ...headers.flatMap(([name, value]) => [bytes(name), bytes(value)]),
  ])
  return Buffer.concat([varint(body.length), body])
}

function compress(codec: Codec | 'snappy-xerial', bytes: Buffer): Buffer {
  switch (codec) {
    case 'none':
      return bytes
    case 'gzip':
      return gzipSync(bytes)
    case 'zstd':
      return zstdCompressSync(bytes)
    case 'lz4':
      return lz4Frame(bytes)
    case 'snappy':
      return snappyRaw(bytes)
    case 'snappy-xerial':
      return snappyXerial(bytes)
  }
}
