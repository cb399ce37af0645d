import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { systemClock, type EncodedUnit, type UnitEncoder } from '@silt/core'
import { afterEach, describe, expect, test } from 'vitest'
import { InlineEncoder } from '../../src/encode/inline-encoder.ts'
import { forkFault } from '../../src/encode/fork-fault.ts'
import { ProcessEncoder, type ProcessEncoderOptions } from '../../src/encode/process-encoder.ts'
import { poisons } from '../support/poison.ts'
import { encodeSpec, slabOf } from '../support/slabs.ts'

const run = promisify(execFile)

const encoders: UnitEncoder[] = []
afterEach(async () => {
  await Promise.all(encoders.splice(0).map((each) => each.close()))
})

function apart(more: Omit<ProcessEncoderOptions, 'clock'> = {}): ProcessEncoder {
  const encoder = new ProcessEncoder({ clock: systemClock, ...more })
  encoders.push(encoder)
  return encoder
}

const mortal = { module: new URL('../support/poisoned-process.ts', import.meta.url), heapMiBMax: 64 }
const five = ['{"user_id":"a"}', '{"user_id":1}', '{', '{"new_field":true}', '{"interaction_value":2.5}']

async function encode(encoder: UnitEncoder, values: readonly string[] = five): Promise<EncodedUnit> {
  const session = await encoder.open(encodeSpec)
  try {
    await session.push(slabOf(0, 0, values))
    return await session.finish([{ partition: 0, start: 0, endExclusive: values.length }])
  } finally {
    session.abandon()
  }
}

describe('ProcessEncoder', () => {
  test('gives what the inline encoder gives, byte for byte; condemned records too', async () => {
    const [inProcess, inline] = await Promise.all([encode(apart()), encode(new InlineEncoder())])
    expect(inProcess).toEqual(inline)
    const condemned = await Promise.all(
      [apart(), new InlineEncoder()].map(async (encoder) => {
        const session = await encoder.open(encodeSpec)
        await session.condemn(slabOf(0, 0, five), 'why')
        return session.finish([{ partition: 0, start: 0, endExclusive: 5 }])
      }),
    )
    expect(condemned[0]).toEqual(condemned[1])
    expect(condemned[0]?.counts).toMatchObject([{ read: 5, rows: 0, deadLetters: 5 }])
  })

  test.each(Object.entries(poisons))(
    'a decoder killed by %s is encoder/crashed, and the next one lives',
    async (_, poison) => {
      const encoder = apart(mortal)
      await expect(encode(encoder, [...five, poison])).rejects.toMatchObject({ code: 'encoder/crashed', kind: 'data' })
      expect((await encode(encoder)).counts[0]?.read).toBe(5)
    },
  )

  test('a process that never comes up is encoder/died: that says nothing of a record', async () => {
    const encoder = apart({ module: new URL('../support/no-such-module.ts', import.meta.url) })
    await expect(encoder.open(encodeSpec)).rejects.toMatchObject({ code: 'encoder/died', kind: 'unavailable' })
    await expect(encoder.open(encodeSpec)).rejects.toMatchObject({ code: 'encoder/died', kind: 'unavailable' })
  })

  test('a process that cannot even be made is encoder/died, and keeps no turn from the next', async () => {
    const encoder = apart({ module: new URL('data:text/javascript,0') })
    await expect(encoder.open(encodeSpec)).rejects.toMatchObject({ code: 'encoder/died', kind: 'unavailable' })
    await expect(encoder.open(encodeSpec)).rejects.toMatchObject({ code: 'encoder/died', kind: 'unavailable' })
  })

  test('without file descriptors it is encoder/died with what to raise, and comes up once there are some', async () => {
    const module = fileURLToPath(new URL('../support/starved-process.ts', import.meta.url))
    const { stdout } = await run('sh', ['-c', `ulimit -n 80 && exec "${process.execPath}" "${module}"`])
    const message: unknown = expect.stringMatching(/ulimit -n.*EMFILE/)
    const died = { code: 'encoder/died', kind: 'unavailable', message }
    expect(JSON.parse(stdout)).toEqual([died, died, { code: 'opened' }])
  })

  test.each([
    ['EAGAIN', 'ulimit -u'],
    ['ENOMEM', 'memory limit of the writer'],
    ['ENFILE', 'fs.file-max'],
  ])('a fork that fails with %s names its remedy', (code, remedy) => {
    expect(forkFault(Object.assign(new Error(`spawn ${code}`), { code }))).toContain(remedy)
    expect(forkFault(new Error('other'))).toBe('no process to decode in could be made')
  })

  test('a slab within a larger memory is not sent: all of that would be', async () => {
    const session = await apart().open(encodeSpec)
    await expect(session.push({ ...slabOf(0, 0, five), bytes: new Uint8Array(1 << 20) })).rejects.toThrow(/holds more/)
    session.abandon()
  })

  test('one session at a time: the next begins when the one before has ended', async () => {
    const encoder = apart()
    const first = await encoder.open(encodeSpec)
    let isOpen = false
    const second = encoder.open(encodeSpec).then((session) => {
      isOpen = true
      return session
    })
    await first.push(slabOf(0, 0, five))
    expect(isOpen).toBe(false)
    first.abandon()
    ;(await second).abandon()
  })

  test('closing it fails what is open and what waits, as deaths nobody is guilty of', async () => {
    const encoder = apart()
    const session = await encoder.open(encodeSpec)
    const waiting = expect(encoder.open(encodeSpec)).rejects.toMatchObject({ code: 'encoder/died' })
    await session.push(slabOf(0, 0, five))
    const finishing = session.finish([{ partition: 0, start: 0, endExclusive: 5 }])
    const failed = expect(finishing).rejects.toMatchObject({ code: 'encoder/died' })
    await encoder.close()
    await failed
    session.abandon()
    await waiting
  })
})
