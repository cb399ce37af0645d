import { describe, expect, it } from 'vitest'
import type { DeletionVector } from '../../src/actions/action.ts'
import { decodeZ85 } from '../../src/deletion-vectors/z85.ts'
import { deletionVectorKey, readDeletionVector } from '../../src/deletion-vectors/read-deletion-vector.ts'
import { encodeRoaringArray, vectorFile } from '../support/roaring-writer.ts'
import { TestStore } from '../support/test-store.ts'

const onDisk = { storageType: 'u', pathOrInlineDv: 'ab^-aqEH.-t@S}K{vb[*k^' }
const file = 'ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin'

describe('a deletion vector', () => {
  // The protocol's own example begins with the magic number of an older format; this is its set of rows in the format that the protocol describes.
  it('inline: gives the rows of the example that Delta Kernel tests with', async () => {
    const vector = {
      storageType: 'i',
      pathOrInlineDv: '^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L',
      sizeInBytes: 44,
      cardinality: 6,
    }
    const rows = await readDeletionVector(new TestStore(), vector)
    expect([...rows.values()]).toEqual([3, 4, 7, 11, 18, 29])
    expect([0, 3, 4, 5, 29, 30, 70_000].map((row) => rows.has(row))).toEqual([
      false,
      true,
      true,
      false,
      true,
      false,
      false,
    ])
  })

  it('in a file: its name follows from the Base85 of its UUID, prefix and all', () => {
    expect(deletionVectorKey({ ...onDisk, sizeInBytes: 1, cardinality: 1 })).toBe(file)
  })

  it('in a file of several: each is found by its offset', async () => {
    const { store, vectors } = stored([
      [0, 5],
      [1, 2, 3, 65536 * 3, 2 ** 33 + 7],
    ])
    const found = await Promise.all(vectors.map((each) => readDeletionVector(store, each)))
    expect(found.map((each) => [...each.values()])).toEqual([
      [0, 5],
      [1, 2, 3, 65536 * 3, 2 ** 33 + 7],
    ])
  })

  it('with an absolute path is read where the caller says it lies', async () => {
    const { store, vectors } = stored([[4]])
    const vector = { ...(vectors[0] as DeletionVector), storageType: 'p', pathOrInlineDv: 's3://other/a%20b.bin' }
    put(store, 'x', store.objects.get(file)?.body)
    const rows = await readDeletionVector(new TestStore(), vector, (path) => {
      expect(path).toBe('s3://other/a b.bin')
      return { store, key: 'x' }
    })
    expect([...rows.values()]).toEqual([4])
    await expect(readDeletionVector(store, vector)).rejects.toMatchObject({ code: 'delta/outside-table' })
  })

  it.each<[string, (vector: DeletionVector, store: TestStore) => DeletionVector]>([
    ['has a byte changed', (vector, store) => (flip(store, 20), vector)],
    ['has another size than the log says', (vector) => ({ ...vector, sizeInBytes: vector.sizeInBytes - 1 })],
    ['ends too early', (vector, store) => (cut(store), vector)],
    ['deletes another number of rows than the log says', (vector) => ({ ...vector, cardinality: 9 })],
    ['has a negative size', (vector) => ({ ...vector, sizeInBytes: -1 })],
    ['is too large', (vector) => ({ ...vector, sizeInBytes: 2 ** 31 })],
    ['has an unknown storage type', (vector) => ({ ...vector, storageType: 'x' })],
    ['has a path that is no Base85', (vector) => ({ ...vector, pathOrInlineDv: 'ab^-aqEH.-t@S}K{vb[*k~' })],
    ['has a short path', (vector) => ({ ...vector, pathOrInlineDv: 'ab' })],
    ['is inline and no Base85', (vector) => ({ ...vector, storageType: 'i' })],
    ['is inline and too short', (vector) => ({ ...vector, storageType: 'i', pathOrInlineDv: '00000' })],
    ['lies in a file of another version', (vector, store) => (flip(store, 0), vector)],
  ])('is a named fault where it %s', async (_, spoil) => {
    const { store, vectors } = stored([[1, 2, 3]])
    const vector = spoil(vectors[0] as DeletionVector, store)
    await expect(readDeletionVector(store, vector)).rejects.toMatchObject({
      code: 'delta/broken-deletion-vector',
      kind: 'data',
    })
  })

  it('that is gone is a named fault', async () => {
    const { vectors } = stored([[1]])
    const gone = readDeletionVector(new TestStore(), vectors[0] as DeletionVector)
    await expect(gone).rejects.toMatchObject({ code: 'delta/deletion-vector-missing', kind: 'data' })
  })

  it('decodes the example of the Z85 specification', () => {
    expect(decodeZ85('HelloWorld')).toEqual(Uint8Array.of(0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b))
    expect(decodeZ85('#####')).toBeUndefined()
    expect(decodeZ85('Hello World')).toBeUndefined()
  })
})

function stored(rows: readonly (readonly number[])[]): { store: TestStore; vectors: readonly DeletionVector[] } {
  const store = new TestStore()
  const encoded = rows.map((each) => encodeRoaringArray(each, () => 'array'))
  const { body, offsets } = vectorFile(encoded)
  put(store, file, body)
  const vectors = encoded.map((bytes, index) => ({
    ...onDisk,
    offset: offsets[index] as number,
    sizeInBytes: bytes.length,
    cardinality: rows[index]?.length ?? 0,
  }))
  return { store, vectors }
}

function flip(store: TestStore, at: number): void {
  const body = Uint8Array.from(store.objects.get(file)?.body ?? [])
  body[at] = (body[at] as number) ^ 255
  put(store, file, body)
}

function cut(store: TestStore): void {
  put(store, file, store.objects.get(file)?.body.subarray(0, 10))
}

function put(store: TestStore, key: string, body: Uint8Array = new Uint8Array()): void {
  store.objects.set(key, { body, modifiedMs: store.nowMs })
}
