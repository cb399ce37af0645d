import type { ObjectInfo, ObjectStore, PutIfAbsentResult } from '@silt/core'
import { isSiltError } from '@silt/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { probePutIfAbsent } from '../src/probe-put-if-absent.ts'

/** An empty root, and as many clients of it as are asked for: each stands for a process of its own. */
export interface ContractRoot {
  /** A client of the root; the suite does not close it. */
  client(): ObjectStore
  close(): Promise<void>
}

const mib = 2 ** 20
const raceRounds = 20
const racersPerRound = 16
const oddKeys = [
  'odd/a b.json',
  'odd/a+b.json',
  'odd/a%20b.json',
  'odd/a%2Fb.json',
  'odd/a=b&c=d.json',
  "odd/quote'(1)!*.json",
  'odd/#hash?query.json',
  'odd/<xml>&amp;.json',
  'odd/~tilde@at,comma;semi.json',
  'odd/event_date=2026-11-22/part-0.parquet',
  'odd/ÄÖ/ñ.json',
  'odd/日本語.json',
  'odd/\uffee.json',
  'odd/😀.json',
] as const

/** What every ObjectStore must do; registers its tests under `name`. `open` gives an empty root. */
export function objectStoreContract(name: string, open: () => Promise<ContractRoot>): void {
  describe(`${name}: object store contract`, () => {
    let root: ContractRoot
    let store: ObjectStore
    let other: ObjectStore

    beforeAll(async () => {
      root = await open()
      store = root.client()
      other = root.client()
    })
    afterAll(async () => {
      await root.close()
    })

    test('an empty root lists nothing', async () => {
      expect(await keysOf(store, '')).toEqual([])
    })

    test('what is put is read by another client, byte for byte', async () => {
      const body = Uint8Array.from({ length: 256 }, (_, index) => index)
      await store.put('read/bytes.bin', body)
      expect(await bodyOf(other, 'read/bytes.bin')).toEqual(body)
      expect(await other.head('read/bytes.bin')).toMatchObject({ key: 'read/bytes.bin', sizeBytes: 256 })
      expect(await keysOf(other, 'read/')).toEqual(['read/bytes.bin'])
    })

    test('bodies of any size come back whole, around the bound of one request and of several parts', async () => {
      const sizes = [0, 9_000_000, 16 * mib, 16 * mib + 1, 24 * mib, 41 * mib - 3]
      const whole = Buffer.alloc(41 * mib, 'settled silt, ')
      await Promise.all(sizes.map(async (bytes) => await store.put(`size/${named(bytes)}`, whole.subarray(0, bytes))))
      expect((await infosOf(other, 'size/')).map(({ key, sizeBytes }) => [key, sizeBytes])).toEqual(
        sizes.map((bytes) => [`size/${named(bytes)}`, bytes]),
      )
      for (const bytes of sizes) {
        const found = await bodyOf(other, `size/${named(bytes)}`)
        expect(Buffer.compare(found, whole.subarray(0, bytes)), `${bytes} bytes`).toBe(0)
      }
    })

    test('a put-if-absent above that bound creates whole', async () => {
      const body = Buffer.alloc(17 * mib, 'first ')
      expect((await store.putIfAbsent('once/large', body)).kind).toBe('created')
      expect(Buffer.compare(await bodyOf(other, 'once/large'), body)).toBe(0)
    })

    test('an absent object is missing, also where a folder has its name', async () => {
      await store.put('absent/folder/file', text('x'))
      for (const key of ['absent/nothing', 'absent/folder', 'absent/folder/file/deeper', 'nowhere/at/all']) {
        expect(await store.get(key), key).toEqual({ kind: 'missing' })
        expect(await store.get(key, { startByte: 0, endByteExclusive: 4 }), key).toEqual({ kind: 'missing' })
        expect(await store.head(key), key).toBeUndefined()
      }
    })

    test('put replaces what is there', async () => {
      await store.put('hint/_last_checkpoint', text('a first, longer hint'))
      await other.put('hint/_last_checkpoint', text('second'))
      expect(await textOf(store, 'hint/_last_checkpoint')).toBe('second')
    })

    test('a range is cut to what there is', async () => {
      await store.put('range/digits', text('0123456789'))
      const slice = async (startByte: number, endByteExclusive: number): Promise<string> => {
        const found = await store.get('range/digits', { startByte, endByteExclusive })
        return found.kind === 'found' ? Buffer.from(found.body).toString() : 'missing'
      }
      expect(await slice(0, 1)).toBe('0')
      expect(await slice(2, 5)).toBe('234')
      expect(await slice(9, 10)).toBe('9')
      expect(await slice(7, 1_000)).toBe('789')
      expect(await slice(3, 3)).toBe('')
      expect(await slice(10, 20)).toBe('')
      expect(await slice(5_000, 6_000)).toBe('')
    })

    test('a range that is none is refused', async () => {
      for (const [startByte, endByteExclusive] of [
        [-1, 4],
        [4, 3],
        [0.5, 2],
        [0, Number.NaN],
      ] as const) {
        await expectCode(store.get('range/digits', { startByte, endByteExclusive }), 'store/invalid-range')
      }
    })

    test('a name that could leave the root, or that not every store has, is refused', async () => {
      for (const key of [
        '',
        '/etc/passwd',
        '../up',
        'a/../b',
        'a/./b',
        'a//b',
        'a/',
        'nul\0',
        'line\nbreak',
        '\ud800',
        'k'.repeat(1025),
      ]) {
        await expectCode(store.put(key, text('x')), 'store/invalid-key')
        await expectCode(store.putIfAbsent(key, text('x')), 'store/invalid-key')
        await expectCode(store.get(key), 'store/invalid-key')
        await expectCode(store.head(key), 'store/invalid-key')
      }
      await expectCode(keysOf(store, '../'), 'store/invalid-key')
      await expectCode(keysOf(store, '/'), 'store/invalid-key')
    })

    test('odd names are stored, read and listed as they are, in the order of their bytes', async () => {
      for (const key of oddKeys) await store.put(key, text(key))
      for (const key of oddKeys) expect(await textOf(other, key)).toBe(key)
      expect(await keysOf(other, 'odd/')).toEqual([...oddKeys].sort(byBytes))
    })

    test('a listing begins after any odd name', async () => {
      const ordered = [...oddKeys].sort(byBytes)
      for (const [index, startAfter] of ordered.entries()) {
        expect(await keysOf(store, 'odd/', startAfter), startAfter).toEqual(ordered.slice(index + 1))
      }
    })

    test('a listing orders files and folders by whole names, over several pages', async () => {
      const keys = [
        'order/a',
        'order/a-b',
        'order/a.txt',
        'order/a0',
        'order/b/1',
        'order/b/2/x',
        'order/b/2/y',
        'order/b-1',
        'order/b0',
      ]
      for (const key of keys) await store.put(key, text('x'))
      const many = Array.from({ length: 40 }, (_, index) => `order/c/${String(index).padStart(20, '0')}.json`)
      await Promise.all(many.map(async (key) => await store.put(key, text('x'))))
      const ordered = [...keys, ...many].sort(byBytes)
      expect(await keysOf(store, 'order/')).toEqual(ordered)
      expect(await keysOf(store, 'order/b')).toEqual(ordered.filter((key) => key.startsWith('order/b')))
      expect(await keysOf(store, 'order/c/0000000000000000001')).toEqual(many.slice(10, 20))
      expect(await keysOf(store, 'order/', 'order/b/2')).toEqual(ordered.filter((key) => byBytes(key, 'order/b/2') > 0))
      expect(await keysOf(store, 'order/', 'order/zzz')).toEqual([])
      expect(await keysOf(store, 'order/c/', 'order/a')).toEqual(many)
      expect(await keysOf(store, 'order/nothing')).toEqual([])
    })

    test('the first put-if-absent creates, later ones change nothing', async () => {
      expect((await store.putIfAbsent('once/a', text('first'))).kind).toBe('created')
      expect(await other.putIfAbsent('once/a', text('second'))).toEqual({ kind: 'exists' })
      expect(await store.putIfAbsent('once/a', text('first'))).toEqual({ kind: 'exists' })
      expect(await textOf(other, 'once/a')).toBe('first')
      await store.put('once/b', text('put'))
      expect(await store.putIfAbsent('once/b', text('second'))).toEqual({ kind: 'exists' })
    })

    test(
      `${racersPerRound} racers on one name have one winner, ${raceRounds} times`,
      { timeout: 120_000 },
      async () => {
        const clients = Array.from({ length: 4 }, () => root.client())
        for (let round = 0; round < raceRounds; round++) {
          const key = `race/${String(round).padStart(20, '0')}.json`
          const bodyBytes = round % 2 === 0 ? 600 : 600_000
          const bodies = Array.from({ length: racersPerRound }, (_, racer) =>
            Buffer.alloc(bodyBytes, `racer ${racer} `),
          )
          const results = await Promise.all(
            bodies.map(async (body, racer) => await client(clients, racer).putIfAbsent(key, body)),
          )
          expect(kindsOf(results), `round ${round}`).toEqual([
            'created',
            ...Array<string>(racersPerRound - 1).fill('exists'),
          ])
          const winner = bodies[results.findIndex((result) => result.kind === 'created')]
          expect(Buffer.compare(await bodyOf(other, key), winner ?? Buffer.alloc(0))).toBe(0)
        }
      },
    )

    test('times come from the store: of a put, of the newest answer, of the listing', async () => {
      const put = await store.put('time/a', text('x'))
      const created = await store.putIfAbsent('time/b', text('x'))
      const newestMs = store.newestAnswerMs()
      expect(created.kind).toBe('created')
      const createdMs = created.kind === 'created' ? created.storeTimeMs : Number.NaN
      // Date headers have whole seconds; file times lag a little behind the clock.
      expect(createdMs).toBeGreaterThanOrEqual(put.storeTimeMs)
      expect(newestMs).toBeGreaterThanOrEqual(createdMs)
      const head = await store.head('time/a')
      const [listed] = await infosOf(store, 'time/')
      expect(Math.abs((head?.modifiedMs ?? 0) - put.storeTimeMs)).toBeLessThanOrEqual(2_000)
      expect(Math.abs((listed?.modifiedMs ?? 0) - put.storeTimeMs)).toBeLessThanOrEqual(2_000)
    })

    test('the probe passes for racing processes and again at a later start', async () => {
      await Promise.all(Array.from({ length: 6 }, async () => await probePutIfAbsent(root.client(), '_silt/probe')))
      await probePutIfAbsent(root.client(), '_silt/probe')
      expect(await store.head('_silt/probe')).toBeDefined()
    })
  })
}

function client(clients: readonly ObjectStore[], racer: number): ObjectStore {
  const found = clients[racer % clients.length]
  if (found === undefined) throw new Error('no client')
  return found
}

function kindsOf(results: readonly PutIfAbsentResult[]): string[] {
  return results.map((result) => result.kind).sort()
}

async function bodyOf(store: ObjectStore, key: string): Promise<Uint8Array> {
  const found = await store.get(key)
  if (found.kind === 'missing') throw new Error(`${key} is missing`)
  return Uint8Array.from(found.body)
}

async function textOf(store: ObjectStore, key: string): Promise<string> {
  return Buffer.from(await bodyOf(store, key)).toString()
}

async function infosOf(store: ObjectStore, prefix: string, startAfter?: string): Promise<ObjectInfo[]> {
  const infos: ObjectInfo[] = []
  for await (const info of store.list(prefix, startAfter === undefined ? {} : { startAfter })) infos.push(info)
  return infos
}

async function keysOf(store: ObjectStore, prefix: string, startAfter?: string): Promise<string[]> {
  return (await infosOf(store, prefix, startAfter)).map((info) => info.key)
}

async function expectCode(promise: Promise<unknown>, code: string): Promise<void> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(isSiltError(error, code), `expected ${code}, got ${String(error)}`).toBe(true)
}

function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

function named(bytes: number): string {
  return String(bytes).padStart(10, '0')
}

function text(value: string): Uint8Array {
  return Buffer.from(value)
}
