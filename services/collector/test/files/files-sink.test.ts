import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdir, mkdtemp, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock, type Clock } from '@silt/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FilesSink } from '../../src/files/files-sink.ts'

const never = new AbortController().signal
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'silt-collector-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const path = (): string => join(folder, 'topics', 'events', '0.ndjson')
const sink = (clock: Pick<Clock, 'sleep'> = systemClock): FilesSink =>
  new FilesSink({ topicsDir: join(folder, 'topics'), topic: 'events', clock })
const content = (): Promise<string> => readFile(path(), 'utf8')
const events = (...texts: readonly string[]): { text: string; key: null }[] =>
  texts.map((text) => ({ text, key: null }))

test('events become lines as they were sent, in folders made for them', async () => {
  const files = sink()
  expect(await files.append(events('{"a":1.10}', '{"b":"é"}'), never)).toEqual([])
  expect(await files.append(events('{"c":3}'), never)).toEqual([])
  expect(await content()).toBe('{"a":1.10}\n{"b":"é"}\n{"c":3}\n')
})

test('line breaks between tokens become a space: an event is one line', async () => {
  await sink().append(events('{\r\n  "a":\n1}'), never)
  expect(await content()).toBe('{   "a": 1}\n')
})

test('a line that a crash left torn is ended, never glued to the next event', async () => {
  await mkdir(join(folder, 'topics', 'events'), { recursive: true })
  await appendFile(path(), '{"whole":1}\n{"torn":"by a cra')
  expect(await sink().append(events('{"next":1}'), never)).toEqual([])
  expect(await content()).toBe('{"whole":1}\n{"torn":"by a cra\n{"next":1}\n')
})

test('a line that another process is still writing is waited for', async () => {
  await mkdir(join(folder, 'topics', 'events'), { recursive: true })
  await appendFile(path(), '{"theirs":"in two')
  const theirs = ['"}\n', ' pages']
  const whileWeWait = { sleep: () => appendFile(path(), theirs.pop() ?? '') }
  await sink(whileWeWait).append(events('{"ours":1}'), never)
  expect(await content()).toBe('{"theirs":"in two pages"}\n{"ours":1}\n')
})

test('a line torn while we run is ended too', async () => {
  const files = sink()
  await files.append(events('{"a":1}'), never)
  await truncate(path(), 4)
  await files.append(events('{"b":1}'), never)
  expect(await content()).toBe('{"a"\n{"b":1}\n')
})

test('a file that was taken away is made again', async () => {
  const files = sink()
  await files.append(events('{"a":1}'), never)
  await rm(join(folder, 'topics'), { recursive: true })
  expect(await files.append(events('{"b":1}'), never)).toEqual([])
  expect(await content()).toBe('{"b":1}\n')
})

test('two collectors on one folder tear no line', async () => {
  const both = [sink(), sink()]
  const text = (writer: number, index: number): string => JSON.stringify({ writer, index, fill: 'x'.repeat(5000) })
  await Promise.all(
    both.flatMap((files, writer) =>
      Array.from({ length: 40 }, (_, index) => files.append(events(text(writer, index)), never)),
    ),
  )
  const lines = (await content()).trimEnd().split('\n')
  const expected = [0, 1].flatMap((writer) => Array.from({ length: 40 }, (_, index) => text(writer, index)))
  expect(lines.sort()).toEqual(expected.sort())
})

test('nor does an append larger than the half MiB that Node writes at a time', async () => {
  const large = (letter: string): readonly string[] =>
    Array.from({ length: 600 }, (_, index) => JSON.stringify({ index, fill: letter.repeat(2000) }))
  const appends = ['a', 'b'].flatMap((letter) => {
    const files = sink()
    return Array.from({ length: 4 }, () => files.append(events(...large(letter)), never))
  })
  expect((await Promise.all(appends)).flat()).toEqual([])
  const lines = (await content()).split('\n').filter((line) => line !== '')
  const expected = ['a', 'b'].flatMap((letter) => Array.from({ length: 4 }, () => large(letter)).flat())
  expect(lines.sort()).toEqual(expected.sort())
})

test('a folder that cannot be there is told by its setting', async () => {
  await appendFile(join(folder, 'topics'), 'a file, not a folder')
  const files = sink()
  const denied = { code: 'collector/denied', message: expect.stringContaining('TOPICS_DIR') as string }
  await expect(files.check()).rejects.toMatchObject(denied)
  expect(await files.append(events('{"a":1}'), never)).toMatchObject([{ index: 0, error: denied }])
})

test('what was answered survives SIGKILL, and the file goes on after it', async () => {
  const script = fileURLToPath(new URL('../support/append-until-killed.ts', import.meta.url))
  const child = spawn(process.execPath, [script, join(folder, 'topics')], { stdio: ['ignore', 'pipe', 'inherit'] })
  let acknowledged = 0
  for await (const chunk of child.stdout) {
    acknowledged = Number(String(chunk).trimEnd().split('\n').at(-1))
    if (acknowledged >= 50) break
  }
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await sink().append(events('{"after":1}'), never)).toEqual([])
  const lines = (await content()).trimEnd().split('\n')
  // What was being written when it died may be there in part, as a line of its own: nobody was told that it is.
  const whole = lines.filter((line) => line.startsWith('{"n":') && line.endsWith('}'))
  expect(lines.length - whole.length).toBeLessThanOrEqual(2)
  const numbers = whole.map((line) => (JSON.parse(line) as { n: number }).n)
  for (let number = 1; number <= acknowledged; number++) expect(numbers).toContain(number)
  expect(lines.at(-1)).toBe('{"after":1}')
})
