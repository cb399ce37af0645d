import { SiltError, type ObjectStore } from '@silt/core'
import type { DeletionVector } from '../actions/action.ts'
import { decodePath } from '../actions/path.ts'
import { crc32 } from './crc32.ts'
import { decodeRoaringArray, type DeletedRows } from './roaring.ts'
import { decodeZ85 } from './z85.ts'

/** Where an object outside of the table's folder lies. */
export interface ObjectPlace {
  readonly store: ObjectStore
  readonly key: string
}

/** Bytes of the largest vector that is read: 2^31 deleted rows in the densest form take half of it. */
const vectorBytesMax = 512 * 1024 * 1024
const fileVersion = 1
const uuidDigits = 20

/**
 * The rows that `vector` deletes (Delta PROTOCOL § Deletion Vectors): inline, in a file below the table, or, by `locate`, in a file elsewhere. Size,
 * checksum, magic number and cardinality must be as said. Memory: `sizeInBytes`.
 * Errors: `delta/broken-deletion-vector` (data) naming the file, `delta/deletion-vector-missing` (data), and the store's.
 */
export async function readDeletionVector(
  store: ObjectStore,
  vector: DeletionVector,
  locate: (absolutePath: string) => ObjectPlace = elsewhere,
): Promise<DeletedRows> {
  const where = vectorName(vector)
  if (vector.sizeInBytes < 0 || vector.sizeInBytes > vectorBytesMax)
    throw broken(where, `it has ${vector.sizeInBytes} bytes; at most ${vectorBytesMax} are read`)
  const bytes =
    vector.storageType === 'i'
      ? inlineBytes(where, vector)
      : await storedBytes(where, vector, placeOf(store, vector, locate))
  let rows: DeletedRows
  try {
    rows = decodeRoaringArray(bytes)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw broken(where, cause.message, cause)
  }
  if (rows.count !== vector.cardinality)
    throw broken(where, `it deletes ${rows.count} rows, the log says ${vector.cardinality}`)
  return rows
}

/**
 * The key of the file a vector lies in, below the table's folder: `[<prefix>/]deletion_vector_<uuid>.bin`; undefined for an inline one and for one with
 * an absolute path. Throws `delta/broken-deletion-vector` (data).
 */
export function deletionVectorKey(vector: DeletionVector): string | undefined {
  if (vector.storageType !== 'u') return undefined
  const text = vector.pathOrInlineDv
  const bytes = text.length < uuidDigits ? undefined : decodeZ85(text.slice(-uuidDigits))
  if (bytes === undefined) throw broken(vectorName(vector), 'its path is no Base85 of a UUID')
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  const prefix = text.slice(0, -uuidDigits)
  return `${prefix === '' ? '' : `${prefix}/`}deletion_vector_${uuid}.bin`
}

function vectorName({ storageType, pathOrInlineDv, offset }: DeletionVector): string {
  const path = pathOrInlineDv.length > 80 ? `${pathOrInlineDv.slice(0, 80)}…` : pathOrInlineDv
  return `deletion vector ${storageType}${path}${offset === undefined ? '' : `@${offset}`}`
}

function inlineBytes(where: string, vector: DeletionVector): Uint8Array {
  const bytes = decodeZ85(vector.pathOrInlineDv)
  // The last group of five digits is filled up.
  if (bytes === undefined || bytes.length < vector.sizeInBytes || bytes.length - vector.sizeInBytes > 3)
    throw broken(where, `it is no Base85 of ${vector.sizeInBytes} bytes`)
  return bytes.subarray(0, vector.sizeInBytes)
}

function placeOf(
  store: ObjectStore,
  vector: DeletionVector,
  locate: (absolutePath: string) => ObjectPlace,
): ObjectPlace {
  const key = deletionVectorKey(vector)
  if (key !== undefined) return { store, key }
  if (vector.storageType === 'p') return locate(decodePath(vector.pathOrInlineDv))
  throw broken(vectorName(vector), `its storage type is ${JSON.stringify(vector.storageType)}, none of u, i and p`)
}

/**
 *     file   = version:u8 *( vector )                  version 1, all big-endian
 *     vector = size:u32 data crc32-of-data:u32         the log says where each begins
 */
async function storedBytes(where: string, vector: DeletionVector, { store, key }: ObjectPlace): Promise<Uint8Array> {
  const name = `${where} in ${key}`
  // Without an offset it is the first of the file, behind the version.
  const start = Math.max(1, vector.offset ?? 1)
  const withVersion = start === 1 ? 1 : 0
  const found = await store.get(key, {
    startByte: start - withVersion,
    endByteExclusive: start + 4 + vector.sizeInBytes + 4,
  })
  if (found.kind === 'missing')
    throw new SiltError(
      'data',
      'delta/deletion-vector-missing',
      `${store.location}: ${name} is in the log and not there`,
    )
  const { body } = found
  if (body.length !== withVersion + 8 + vector.sizeInBytes) throw broken(name, 'the file ends before it')
  if (withVersion === 1 && body[0] !== fileVersion)
    throw broken(name, `the file has version ${body[0]}, not ${fileVersion}`)
  const view = new DataView(body.buffer, body.byteOffset + withVersion, body.byteLength - withVersion)
  if (view.getUint32(0) !== vector.sizeInBytes)
    throw broken(name, `the file says ${view.getUint32(0)} bytes, the log ${vector.sizeInBytes}`)
  const data = body.subarray(withVersion + 4, withVersion + 4 + vector.sizeInBytes)
  if (crc32(data) !== view.getUint32(4 + vector.sizeInBytes)) throw broken(name, 'its checksum is wrong')
  return data
}

function broken(where: string, problem: string, cause?: unknown): SiltError {
  return new SiltError('data', 'delta/broken-deletion-vector', `${where}: ${problem}`, { cause })
}

function elsewhere(absolutePath: string): never {
  const message = `${absolutePath} lies outside of the table's folder, and no way to it was given`
  throw new SiltError('unsupported', 'delta/outside-table', message)
}
