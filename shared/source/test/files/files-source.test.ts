import { createHash } from 'node:crypto'
import { appendFile, mkdir, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RecordSlab } from '@silt/core'
import { readAll, sourceContract } from '../../contract/source-contract.ts'
import { FilesSource } from '../../src/index.ts'

const never = new AbortController().signal
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

sourceContract('files', async () => {
  const topicsDir = await mkdtemp(join(tmpdir(), 'silt-source-'))
  await mkdir(join(topicsDir, 'events'))
  const source = new FilesSource({ topicsDir, recordBytesMax: 1000, slabBytesMax: 64 })
  const path = (partition: number): string => join(topicsDir, 'events', `${partition}.ndjson`)
  const text = (values: readonly string[]): string => values.map((value) => `${value}\n`).join('')
  return {
    source,
    topic: 'events',
    append: (partition, values) => appendFile(path(partition), text(values)),
    recreate: async (values) => {
      await writeFile(`${path(0)}.new`, text(values))
      await rename(`${path(0)}.new`, path(0))
    },
    close: () => rm(topicsDir, { recursive: true }),
  }
})

describe('files source', () => {
  let topicsDir: string
  let source: FilesSource
  const file = (partition = 0): string => join(topicsDir, 'events', `${partition}.ndjson`)
  const end = async (): Promise<number> => (await source.ends('events', [0]))[0]?.readableEnd ?? -1
  const range = async (start: number, endExclusive: number) => ({
    topic: 'events',
    topicId: (await source.partitions('events'))?.[0]?.topicId ?? null,
    partition: 0,
    start,
    endExclusive,
    cutAtMs: 42,
  })
  const slabsOf = async (start: number, endExclusive: number): Promise<RecordSlab[]> => {
    const slabs: RecordSlab[] = []
    for await (const slab of source.read(await range(start, endExclusive), never)) slabs.push(slab)
    return slabs
  }

  beforeEach(async () => {
    topicsDir = await mkdtemp(join(tmpdir(), 'silt-source-'))
    await mkdir(join(topicsDir, 'events'))
    source = new FilesSource({ topicsDir, recordBytesMax: 100, slabBytesMax: 32 })
  })
  afterEach(() => rm(topicsDir, { recursive: true }))

  it('names TOPICS_DIR and the folder when the topic is missing', async () => {
    await expect(source.ends('absent', [0])).rejects.toThrow(new RegExp(`TOPICS_DIR.*`))
    await expect(source.ends('absent', [0])).rejects.toThrow(topicsDir)
    expect(await source.partitions('events')).toEqual([])
  })

  it('refuses a topic name that leaves the folder', async () => {
    for (const name of ['..', '.', '', 'a/b', '../events'])
      await expect(source.partitions(name)).rejects.toMatchObject({ code: 'source/denied' })
  })

  it('shows a partition once its first line is whole, with 16 hex of its sha256 as topic id', async () => {
    await writeFile(file(), '{"a":')
    expect(await source.partitions('events')).toEqual([])
    await appendFile(file(), '1}\r\n{"b":2')
    expect(await source.partitions('events')).toEqual([{ partition: 0, topicId: sha256('{"a":1}').slice(0, 16) }])
  })

  it('takes only files named by a partition number', async () => {
    for (const name of ['0.ndjson', '10.ndjson', '2.ndjson', '01.ndjson', 'x.ndjson', '3.ndjson.tmp', '-1.ndjson'])
      await writeFile(join(topicsDir, 'events', name), 'x\n')
    await mkdir(join(topicsDir, 'events', '4.ndjson'))
    expect((await source.partitions('events'))?.map(({ partition }) => partition)).toEqual([0, 2, 10])
  })

  it('never hands out a line that is still being written', async () => {
    await writeFile(file(), 'one\ntw')
    expect(await end()).toBe(4)
    await expect(readAll(source, await range(0, 6))).rejects.toMatchObject({ code: 'source/out-of-range' })
    await appendFile(file(), 'o')
    expect(await end()).toBe(4)
    await appendFile(file(), '\nthree')
    expect(await end()).toBe(8)
    expect(await readAll(source, await range(0, 8))).toEqual([
      { offset: 0, value: 'one' },
      { offset: 4, value: 'two' },
    ])
  })

  it('finds the end of a file whose last unfinished line is longer than the window', async () => {
    await writeFile(file(), `first\n${'x'.repeat(200_000)}`)
    expect(await end()).toBe(6)
    await appendFile(file(), 'x'.repeat(100_000))
    expect(await end()).toBe(6)
    await appendFile(file(), '\ny')
    expect(await end()).toBe(300_007)
  })

  it('strips one carriage return and keeps blank lines as empty values', async () => {
    await writeFile(file(), 'a\r\n\n\r\nb\r\r\n')
    expect((await readAll(source, await range(0, 10))).map(({ value }) => value)).toEqual(['a', '', '', 'b\r'])
  })

  it('covers a range that lies within one line with an empty slab', async () => {
    await writeFile(file(), `${'x'.repeat(50)}\n`)
    const [slab, ...rest] = await slabsOf(10, 20)
    expect(rest).toEqual([])
    expect(slab).toMatchObject({ start: 10, nextOffset: 20, count: 0 })
  })

  it('reads a line whole that begins at the last offset of the range', async () => {
    await writeFile(file(), 'a\nbcdef\n')
    expect(await readAll(source, await range(0, 3))).toEqual([
      { offset: 0, value: 'a' },
      { offset: 2, value: 'bcdef' },
    ])
    expect(await readAll(source, await range(3, 8))).toEqual([])
  })

  it('stamps records with the time the job was cut', async () => {
    await writeFile(file(), 'a\nb\n')
    const [slab] = await slabsOf(0, 4)
    expect([...(slab?.timestampsMs ?? [])]).toEqual([42, 42])
  })

  it('bounds slabs by bytes and gives a longer line a slab of its own', async () => {
    await writeFile(file(), `${'a\n'.repeat(40)}${'y'.repeat(60)}\nz\n`)
    const slabs = await slabsOf(0, 143)
    expect(slabs.map(({ count }) => count)).toEqual([16, 16, 8, 1, 1])
    for (const { bytes } of slabs) expect(bytes.length).toBeLessThanOrEqual(60)
  })

  it('reports a line beyond the record bound by length and sha256, without its bytes', async () => {
    const big = 'z'.repeat(700_000)
    await writeFile(file(), `a\n${big}\r\nb\n`)
    const slabs = await slabsOf(0, 700_006)
    expect(slabs.map(({ count }) => count)).toEqual([1, 1, 1])
    expect(slabs[1]?.bytes.length).toBe(0)
    expect(slabs[1]?.valueStarts[0]).toBe(-1)
    expect(slabs[1]?.oversized.get(0)).toEqual({ lengthBytes: 700_000, sha256Hex: sha256(big) })
  })

  it('reports a line beyond the record bound that fits the slab', async () => {
    source = new FilesSource({ topicsDir, recordBytesMax: 5, slabBytesMax: 1000 })
    await writeFile(file(), 'abc\n123456\n12345\n')
    const [slab] = await slabsOf(0, 17)
    expect(slab?.count).toBe(3)
    expect([...(slab?.valueStarts ?? [])]).toEqual([0, -1, 11])
    expect([...(slab?.oversized.entries() ?? [])]).toEqual([[1, { lengthBytes: 6, sha256Hex: sha256('123456') }]])
  })

  it('stops a range of a file that has become shorter', async () => {
    await writeFile(file(), 'a\nb\nc\n')
    const before = await range(0, 6)
    expect(await end()).toBe(6)
    await truncate(file(), 2)
    expect(await end()).toBe(2)
    await expect(readAll(source, before)).rejects.toMatchObject({ code: 'source/out-of-range' })
  })

  it('stops a range of a file cut off while it is read', async () => {
    await writeFile(file(), `${'a\n'.repeat(16)}${'b\n'.repeat(16)}`)
    const iterator = source.read(await range(0, 64), never)
    await iterator.next()
    await truncate(file(), 33)
    await expect(iterator.next()).rejects.toMatchObject({ code: 'source/out-of-range' })
  })

  it('notices a file replaced while it is read, after handing out what the open one held', async () => {
    await writeFile(file(), 'old\n')
    const iterator = source.read(await range(0, 4), never)
    expect((await iterator.next()).done).toBe(false)
    await writeFile(`${file()}.new`, 'new\n')
    await rename(`${file()}.new`, file())
    await expect(iterator.next()).rejects.toMatchObject({ code: 'source/topic-changed' })
  })

  it('notices a file removed while it is read', async () => {
    await writeFile(file(), 'old\n')
    const iterator = source.read(await range(0, 4), never)
    await iterator.next()
    await rm(file())
    await expect(iterator.next()).rejects.toMatchObject({ code: 'source/topic-changed' })
    expect(await end()).toBe(0)
  })

  it('finds the new end of a file rewritten in place with the same size', async () => {
    await writeFile(file(), 'aaaa\nb\n')
    expect(await end()).toBe(7)
    await writeFile(file(), 'aaaa\nbb')
    expect(await end()).toBe(5)
  })

  it('finds a line that replaced a shorter unfinished one', async () => {
    await writeFile(file(), 'a\nunfinished')
    expect(await end()).toBe(2)
    await truncate(file(), 2)
    await appendFile(file(), 'b\nstill unfinished')
    expect(await end()).toBe(4)
  })
})
