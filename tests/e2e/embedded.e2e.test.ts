import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { seededRandom } from '@silt/core'
import { afterAll, expect, test } from 'vitest'
import { expectedOfFolder, expectSameRows } from '../support/expected-rows.ts'
import { NpmStart } from '../support/npm-start.ts'
import { readmePython, runSnippet } from '../support/readme-snippets.ts'
import { withScratch } from '../support/scratch.ts'
import { testSeed } from '../support/seed.ts'
import { killAllSilt, silt, SiltProcess } from '../support/silt-process.ts'
import { waitFor } from '../support/wait-for.ts'

const minutes = 60_000
/** The default of SHUTDOWN_DEADLINE_MS, and what starting and ending a process takes. */
const shutdownDeadlineMs = 35_000
const firstEvents = 10_000

afterAll(killAllSilt)

test(
  'npm start -- --until-idle exits 0 and says where the table is; every engine reads the same rows, the README queries work',
  () =>
    withScratch(async (folder) => {
      const start = await NpmStart.in(folder, ['--until-idle'])
      expect(await start.ended, start.output).toBe(0)
      const tablePath = join(folder, 'data/delta/analytics-events')
      expect(start.tablePath, start.output).toBe(tablePath)
      expect(start.output).toMatch(/Version \d+ is committed/)

      const [query, timeTravel, ...others] = await readmePython()
      expect(others).toEqual([])
      expect(await runSnippet(query ?? '', folder)).toMatch(new RegExp(`^\\d+ ${firstEvents}$`))
      expect(await runSnippet(timeTravel ?? '', folder)).toBe('0')

      const expected = await expectedOfFolder(join(folder, 'data/topics/analytics-events'))
      expect(expected).toHaveLength(firstEvents)
      const engines = await expectSameRows(tablePath, expected, { folder })
      expect(Object.keys(engines)).toEqual(expect.arrayContaining(['deltalake', 'duckdb delta', 'duckdb parquet']))
    }),
  5 * minutes,
)

test(
  'npm start reaches a first version, goes on appending, and ends with Ctrl-C within its deadline',
  () =>
    withScratch(async (folder) => {
      const start = await NpmStart.in(folder)
      try {
        await waitFor('a first version', () => start.tablePath, minutes).catch((error: unknown) => {
          throw new Error(start.output, { cause: error })
        })
        const [query] = await readmePython()
        const rows = async (): Promise<number> => Number((await runSnippet(query ?? '', folder)).split(' ')[1])
        const firstRows = await rows()
        expect(firstRows).toBeGreaterThanOrEqual(firstEvents)
        await waitFor('more rows', async () => (await rows()) > firstRows || undefined, minutes, 1000)
        const signalledMs = performance.now()
        start.signal('SIGINT')
        // npm itself ends by the signal; what it started says that it stopped in order.
        await start.ended
        expect(performance.now() - signalledMs).toBeLessThan(shutdownDeadlineMs)
        expect(start.output).toContain('"msg":"stopped"')
      } finally {
        start.signal('SIGKILL')
        await start.ended
      }
    }),
  5 * minutes,
)

test(
  'killed again and again while events are appended, with a second process on the same folder: each event is there once',
  () =>
    withScratch(async (folder) => {
      const random = seededRandom(testSeed('embedded'))
      const tablePath = join(folder, 'table')
      const environment = { TOPICS_DIR: join(folder, 'topics'), DELTA_TABLE_PATH: tablePath }
      const demo = new SiltProcess(
        'demo',
        ['demo', '--events', '1000', '--rate', '400', '--partitions', '2'],
        environment,
      )
      const run = (name: string): SiltProcess => new SiltProcess(name, ['run'], environment)
      const commits = (each: SiltProcess): number => each.logs.filter(({ msg }) => msg === 'committed').length
      const tails = (): string => runs.map((each) => each.tail(15)).join('\n')
      // Both make the table.
      let runs = [run('first'), run('second')]
      await waitFor('both to commit or stand by', () => runs.some((each) => commits(each) > 2) || undefined, minutes)
      for (let kills = 0; kills < 8; kills++) {
        await delay(random.next() * 1500)
        const victim = runs[kills % 2]
        expect(victim?.running, tails()).toBe(true)
        await victim?.kill()
        runs = runs.map((each) => (each === victim ? run(`${each.name}'`) : each))
        // A kill that always comes before the first commit would show little.
        if (kills % 3 === 2)
          await waitFor('a commit', () => runs.some((each) => commits(each) > 0) || undefined, minutes, 20)
      }
      await waitFor(
        'both processes to commit',
        () => runs.every((each) => commits(each) > 3) || undefined,
        minutes,
      ).catch((error: unknown) => {
        throw new Error(tails(), { cause: error })
      })
      expect(await demo.terminate(), demo.tail()).toBe(0)

      const signalledMs = performance.now()
      expect(await Promise.all(runs.map((each) => each.terminate())), tails()).toEqual([0, 0])
      expect(performance.now() - signalledMs).toBeLessThan(shutdownDeadlineMs)

      const idle = await silt(['run', '--until-idle'], environment)
      expect(idle.code, idle.stdout.slice(-3000) + idle.stderr).toBe(0)
      const expected = await expectedOfFolder(join(environment.TOPICS_DIR, 'analytics-events'))
      expect(expected.length).toBeGreaterThan(2000)
      await expectSameRows(tablePath, expected, { folder })
      const audit = await silt(['audit', '--json'], environment)
      expect(JSON.parse(audit.stdout)).toMatchObject({ verdict: 'proved', rows: expected.length })
      const check = await silt(['table', 'check', '--rows'], environment)
      expect(check.code, check.stdout + check.stderr).toBe(0)
    }),
  4 * minutes,
)
