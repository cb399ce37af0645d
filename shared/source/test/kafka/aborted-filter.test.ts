import { describe, expect, it } from 'vitest'
import { AbortedFilter } from '../../src/kafka/batch/aborted-filter.ts'
import { locateBatches } from '../../src/kafka/batch/record-batch.ts'
import { encodeBatch, encodeMarker } from './batch-encoder.ts'

const place = { topic: 'events', partition: 0 }

/**
 * A log in words: `p1` data of producer 1's transaction, `c1` and `a1` its commit and abort marker, `n1` data of idempotent
 * producer 1 outside any transaction, `-` data without a producer. One offset each.
 */
function readable(
  log: string,
  aborted: readonly (readonly [producer: number, firstOffset: number])[],
  from = 0,
): string {
  const words = log.split(' ')
  const bytes = words.map((word, offset) => {
    const producerId = word === '-' ? -1n : BigInt(word.slice(1))
    if (word.startsWith('a')) return encodeMarker(offset, producerId, 'abort')
    if (word.startsWith('c')) return encodeMarker(offset, producerId, 'commit')
    return encodeBatch({ records: [{ offset, value: word }], producerId, transactional: word.startsWith('p') })
  })
  const filter = new AbortedFilter(
    aborted.map(([producer, firstOffset]) => ({ producerId: BigInt(producer), firstOffset })),
    place,
  )
  return locateBatches(Buffer.concat(bytes.slice(from)), place)
    .filter((batch) => !filter.isAborted(batch) && !batch.control)
    .map(({ baseOffset }) => `${words[baseOffset]}@${baseOffset}`)
    .join(' ')
}

describe('the Java client’s rule for aborted transactions', () => {
  it.each<[string, string, [number, number][], number, string]>([
    ['passes committed data', 'p1 p1 c1', [], 0, 'p1@0 p1@1'],
    ['drops one aborted transaction', 'p1 p1 a1 p1 c1', [[1, 0]], 0, 'p1@3'],
    [
      'drops both of one producer aborting twice',
      'p1 a1 p1 a1 p1 c1',
      [
        [1, 0],
        [1, 2],
      ],
      0,
      'p1@4',
    ],
    [
      'keeps what lies between two aborts of one producer',
      'p1 a1 p1 c1 p1 a1',
      [
        [1, 0],
        [1, 4],
      ],
      0,
      'p1@2',
    ],
    [
      'takes the list in any order',
      'p1 a1 p1 c1 p1 a1',
      [
        [1, 4],
        [1, 0],
      ],
      0,
      'p1@2',
    ],
    ['tells interleaved producers apart, the later starter ending first', 'p1 p2 a2 p1 c1', [[2, 1]], 0, 'p1@0 p1@3'],
    [
      'drops both of two interleaved aborts',
      'p1 p2 p1 a2 p1 a1 -',
      [
        [1, 0],
        [2, 1],
      ],
      0,
      '-@6',
    ],
    ['drops up to the end when the marker is beyond the response', 'p1 p1 p2 c2', [[1, 0]], 0, 'p2@2'],
    ['drops what began before the response', 'p1 p1 p2 a1 c2', [[1, 0]], 1, 'p2@2'],
    ['starts inside two open transactions', 'p1 p2 p1 p2 a1 c2 p1 c1', [[1, 0]], 2, 'p2@3 p1@6'],
    ['keeps the transaction after an empty abort', 'a1 p1 c1', [], 0, 'p1@1'],
    ['keeps the transaction after an empty abort that is listed', 'p1 a1 a1 p1 c1', [[1, 0]], 0, 'p1@3'],
    ['passes the same producer’s data outside transactions', 'p1 n1 a1', [[1, 0]], 0, 'n1@1'],
    ['passes data without a producer', '- p1 - a1 -', [[1, 1]], 0, '-@0 -@2 -@4'],
  ])('%s', (_title, log, aborted, from, expected) => {
    expect(readable(log, aborted, from)).toBe(expected)
  })

  it('does not take a commit marker, nor a data record whose key is four zero bytes, for an abort', () => {
    const zeros = '\0\0\0\0'
    const bytes = Buffer.concat([
      encodeBatch({ records: [{ offset: 0, key: zeros, value: 'x' }], producerId: 1n, transactional: true }),
      encodeBatch({ records: [{ offset: 1, key: zeros, value: 'y' }], producerId: 1n, transactional: true }),
      encodeMarker(2, 1n, 'abort'),
    ])
    const filter = new AbortedFilter([{ producerId: 1n, firstOffset: 0 }], place)
    expect(locateBatches(bytes, place).map((batch) => filter.isAborted(batch))).toEqual([true, true, false])
  })

  it('activates a transaction that begins inside a batch', () => {
    const bytes = encodeBatch({ records: [{ offset: 10 }, { offset: 11 }], producerId: 7n, transactional: true })
    const filter = new AbortedFilter([{ producerId: 7n, firstOffset: 11 }], place)
    expect(locateBatches(bytes, place).map((batch) => filter.isAborted(batch))).toEqual([true])
  })

  it('keeps producer ids beyond 2^53 apart', () => {
    const [a, b] = [2n ** 60n, 2n ** 60n + 1n]
    const bytes = Buffer.concat([
      encodeBatch({ records: [{ offset: 0 }], producerId: a, transactional: true }),
      encodeBatch({ records: [{ offset: 1 }], producerId: b, transactional: true }),
    ])
    const filter = new AbortedFilter([{ producerId: b, firstOffset: 1 }], place)
    expect(locateBatches(bytes, place).map((batch) => filter.isAborted(batch))).toEqual([false, true])
  })
})
