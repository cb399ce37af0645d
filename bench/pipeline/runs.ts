import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ObjectStore } from '@silt/core'
import type { S3Settings } from '../../tests/servers/index.ts'
import { python } from '../../tests/support/python.ts'
import { killAllSilt, SiltProcess } from '../../tests/support/silt-process.ts'
import { tableStore } from '../../tests/support/table-store.ts'
import { measureRun, type RunMeasure } from './measure-run.ts'

/** A topic to be settled into a table, again and again. */
export interface PipelineTarget {
  readonly bootstrapServers: string
  readonly redisUrl: string
  readonly topic: string
  /** Where tables that are folders go. */
  readonly folder: string
  /** Where the others go; undefined: all are folders. */
  readonly s3: S3Settings | undefined
  readonly events: number
}

export interface PipelineContender {
  readonly name: 'embedded' | 'separate' | 'peer'
  /** Undefined where it cannot be had here. */
  readonly run: (target: PipelineTarget, round: number) => Promise<RunMeasure | undefined>
}

const timeoutMs = 10 * 60_000
const folderSampleMs = 50
/** Each asks the server, which is on the same cores. */
const s3SampleMs = 200
const peerScript = fileURLToPath(new URL('../../../shared/peers/hand_written.py', import.meta.url))

export const pipelineContenders: readonly PipelineContender[] = [
  { name: 'embedded', run: (target, round) => siltRun('Silt, one process', target, round, ['run'], {}) },
  {
    name: 'separate',
    run: (target, round) => {
      const actors = ['committer', 'ingestor', 'writer']
      return siltRun('Silt, three processes', target, round, actors, { REDIS_URL: target.redisUrl })
    },
  },
  { name: 'peer', run: peerRun },
]

async function siltRun(
  label: string,
  target: PipelineTarget,
  round: number,
  actors: readonly string[],
  extra: Readonly<Record<string, string>>,
): Promise<RunMeasure> {
  const name = `bench-${actors.length}-${round}-${target.s3 === undefined ? 'folder' : 's3'}`
  const sampleMs = target.s3 === undefined ? folderSampleMs : s3SampleMs
  return withSilt(name, target, actors, { LOG_LEVEL: 'warn', ...extra }, (silt) =>
    measureRun({ label, ...silt, rows: target.events, sampleMs, timeoutMs }),
  )
}

/** What runs while `use` does. */
export interface RunningSilt {
  /** The table's folder. */
  readonly store: ObjectStore
  readonly processes: readonly SiltProcess[]
  /** When they were started, of `performance.now()`. */
  readonly startedMs: number
}

/** Starts the actors on a table of their own, which is gone afterwards; they are asked to end once `use` has what it wants. */
export async function withSilt<T>(
  name: string,
  target: PipelineTarget,
  actors: readonly string[],
  extra: Readonly<Record<string, string>>,
  use: (silt: RunningSilt) => Promise<T>,
): Promise<T> {
  const { tableUri, environment: readerEnvironment } = tableOf(target, name)
  const environment = {
    ...readerEnvironment,
    KAFKA_BOOTSTRAP_SERVERS: target.bootstrapServers,
    KAFKA_TOPIC: target.topic,
    KAFKA_GROUP_ID: name,
    DELTA_TABLE_PATH: tableUri,
    ...extra,
  }
  const store = tableStore({ topic: target.topic, tableUri, environment, readerEnvironment })
  const startedMs = performance.now()
  const processes = actors.map(
    (actor) => new SiltProcess(actor, actor === 'run' ? ['run'] : ['run', actor], environment),
  )
  try {
    const used = await use({ store, processes, startedMs })
    // What a process keeps for its next start is written as it ends.
    await Promise.all(processes.map((each) => each.terminate()))
    return used
  } catch (error) {
    throw new Error(processes.map((each) => each.tail()).join('\n'), { cause: error })
  } finally {
    await killAllSilt()
    await store.close()
    rmSync(join(target.folder, name), { recursive: true, force: true })
  }
}

function tableOf(
  { s3, folder }: PipelineTarget,
  name: string,
): { readonly tableUri: string; readonly environment: Readonly<Record<string, string>> } {
  if (s3 === undefined) return { tableUri: join(folder, name), environment: {} }
  const environment = {
    AWS_ENDPOINT_URL: s3.endpoint,
    AWS_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    AWS_ALLOW_HTTP: 'true',
  }
  return { tableUri: `s3://${s3.bucket}/${name}`, environment }
}

/** A Python that has what the peer imports: that of the tests has no orjson. */
const peerPython = [process.env['SILT_PEER_PYTHON'] ?? python, python, 'python3'].find(
  (program) => spawnSync(program, ['-c', 'import orjson, pyarrow, confluent_kafka, deltalake']).status === 0,
)

/** Why the hand-written Python writer cannot run here; undefined where it can. */
export function peerAway(): string | undefined {
  if (!existsSync(peerScript)) return 'there is no ../shared/peers/hand_written.py beside the project'
  if (peerPython !== undefined) return undefined
  return 'no Python here has orjson, pyarrow, confluent_kafka and deltalake: name one in SILT_PEER_PYTHON'
}

/** The hand-written Python writer in batches of 50,000, at least once, without provenance; undefined where it is not beside the project. */
async function peerRun(target: PipelineTarget, round: number): Promise<RunMeasure | undefined> {
  if (peerPython === undefined || peerAway() !== undefined || target.s3 !== undefined) return undefined
  const table = join(target.folder, `peer-${round}`)
  const store = tableStore({ topic: target.topic, tableUri: table, environment: {}, readerEnvironment: {} })
  const startedMs = performance.now()
  const child = spawn(peerPython, [peerScript, table, target.topic, `peer-${round}-${process.pid}`, '50000'], {
    env: { ...process.env, KAFKA_BOOTSTRAP_SERVERS: target.bootstrapServers },
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  const processes = [{ name: 'python', pid: child.pid ?? -1 }]
  try {
    return await measureRun({
      label: 'hand-written Python',
      store,
      rows: target.events,
      processes,
      startedMs,
      sampleMs: folderSampleMs,
      timeoutMs,
    })
  } finally {
    child.kill('SIGKILL')
    await ended
    await store.close()
    rmSync(table, { recursive: true, force: true })
  }
}
