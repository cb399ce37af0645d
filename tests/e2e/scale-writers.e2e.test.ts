import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, inject, test } from 'vitest'
import { deployment, startActor } from '../support/deployment.ts'
import { writeEventFile } from '../support/event-file.ts'
import { expectExactlyOnce } from '../support/exactly-once.ts'
import { runPython } from '../support/python.ts'
import { untilIdle } from '../support/settled-table.ts'
import { killAllSilt, type SiltProcess } from '../support/silt-process.ts'
import { SlowPuts } from '../support/slow-puts.ts'
import { createTopic, topicEnds } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

const script = fileURLToPath(new URL('../load/produce.py', import.meta.url))
const putDelayMs = 400
/** Small units: waiting for the store is all that takes a writer's time. */
const unitOffsets = 50
const eventCount = 12_000
/** Units that each writer of a phase writes on average while it is measured. */
const measuredEach = 12
const writersMost = 4
const startMsMax = 90_000
const minutes = 60_000

afterAll(killAllSilt)

test(
  'writers 1, 4, 1 under load: four do at least three times the work of one, those told to stop finish and exit 0, no event is lost or doubled',
  async () => {
    const servers = inject('servers')
    const { bootstrapServers } = servers.kafka
    const store = await SlowPuts.open(servers.minio.endpoint, putDelayMs)
    const target = deployment(servers, 'scale-writers', {
      UNIT_MAX_OFFSETS: String(unitOffsets),
      UNITS_IN_FLIGHT_MAX: '48',
    })
    const oneJob = { AWS_ENDPOINT_URL: store.endpoint, WRITER_THREADS: '1', WRITER_UNITS_AT_ONCE: '1' }
    const startWriter = (index: number): SiltProcess =>
      startActor({ ...target, environment: { ...target.environment, ...oneJob } }, 'writer', `writer-${index}`)
    const source = join(tmpdir(), `silt-scale-${process.pid}.ndjson`)
    await writeEventFile(source, eventCount, 9)
    await createTopic(bootstrapServers, target.topic, 4)
    await runPython(script, [source, bootstrapServers, target.topic, '4', 'lz4'])
    const committer = startActor(target, 'committer', 'committer')
    const ingestor = startActor(target, 'ingestor', 'ingestor')
    const first = startWriter(0)
    const added: SiltProcess[] = []
    const tails = (): string => [committer, ingestor, first, ...added].map((each) => each.tail(20)).join('\n')
    const unitsOf = (writers: readonly SiltProcess[]): number =>
      writers.reduce((sum, { logs }) => sum + logs.filter(({ msg }) => msg === 'unit written').length, 0)
    /** Units a second that these writers write, taken over `units` of them from now on. */
    const rate = async (writers: readonly SiltProcess[], units: number): Promise<number> => {
      const [before, startMs] = [unitsOf(writers), performance.now()]
      const written = (): number => unitsOf(writers) - before
      await waitFor(`${units} units`, () => written() >= units || undefined, 60_000, 20)
      return written() / ((performance.now() - startMs) / 1000)
    }
    try {
      await waitFor('the first units', () => unitsOf([first]) > 2 || undefined, startMsMax)
      const one = await rate([first], measuredEach)

      for (let index = 1; index < writersMost; index++) added.push(startWriter(index))
      await waitFor(
        'each writer to have written',
        () => added.every((each) => unitsOf([each]) > 2) || undefined,
        startMsMax,
      )
      const four = await rate([first, ...added], measuredEach * writersMost)

      const stopMs = performance.now()
      const codes = await Promise.all(added.map((each) => each.terminate()))
      const drainMs = Math.round(performance.now() - stopMs)
      expect(codes, tails()).toEqual([0, 0, 0])
      expect(drainMs).toBeLessThan(20_000)
      const written = unitsOf([first, ...added])
      expect(written * unitOffsets, 'there was load to the last').toBeLessThan(eventCount)
      const again = await rate([first], 5)
      console.log(
        `units/s with ${putDelayMs} ms a PUT and one unit at a time: 1 writer ${one.toFixed(1)}, 4 writers ${four.toFixed(1)} ` +
          `(${(four / one).toFixed(2)} times), 1 again ${again.toFixed(1)}; three drained under load in ${drainMs} ms`,
      )
      expect(four / one).toBeGreaterThanOrEqual(3)

      store.putDelayMs = 0
      await untilIdle(target, tails)
      await expectExactlyOnce(target, await topicEnds(bootstrapServers, target.topic))
      for (const each of [ingestor, first, committer]) expect(await each.terminate(), each.tail()).toBe(0)
    } catch (error) {
      throw new Error(tails(), { cause: error })
    } finally {
      await killAllSilt()
      await store.close()
      await rm(source, { force: true })
    }
  },
  4 * minutes,
)
