import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { killAllSilt, SiltProcess } from '../../tests/support/silt-process.ts'
import { measureRun, type RunMeasure } from './measure-run.ts'

export interface BenchTarget {
  readonly bootstrapServers: string
  readonly redisUrl: string
  readonly topic: string
  readonly folder: string
  readonly events: number
}

const timeoutMs = 10 * 60_000
const peer = fileURLToPath(new URL('../../../shared/peers/hand_written.py', import.meta.url))

/** All actors in one process, Kafka to a folder. */
export function embeddedRun(target: BenchTarget, run: number): Promise<RunMeasure> {
  return siltRun('silt, one process', target, `embedded-${run}`, [['run']], {})
}

/** An ingestor, a writer and a committer of their own, with Redis between. */
export function separateRun(target: BenchTarget, run: number): Promise<RunMeasure> {
  const actors = [
    ['run', 'committer'],
    ['run', 'ingestor'],
    ['run', 'writer'],
  ]
  return siltRun('silt, three processes', target, `separate-${run}`, actors, { REDIS_URL: target.redisUrl })
}

async function siltRun(
  label: string,
  target: BenchTarget,
  name: string,
  commands: readonly (readonly string[])[],
  extra: Readonly<Record<string, string>>,
): Promise<RunMeasure> {
  const table = join(target.folder, name)
  const environment = {
    KAFKA_BOOTSTRAP_SERVERS: target.bootstrapServers,
    KAFKA_TOPIC: target.topic,
    KAFKA_GROUP_ID: name,
    DELTA_TABLE_PATH: table,
    LOG_LEVEL: 'warn',
    ...extra,
  }
  const processes = commands.map((command) => new SiltProcess(command.join(' '), command, environment))
  try {
    return await measureRun(
      label,
      table,
      target.events,
      processes.map(({ pid }) => pid),
      timeoutMs,
    )
  } catch (error) {
    throw new Error(processes.map((each) => each.tail()).join('\n'), { cause: error })
  } finally {
    await killAllSilt()
    rmSync(table, { recursive: true, force: true })
  }
}

/** The hand-written Python writer in batches of 50,000; undefined where it is not beside the project. */
export async function peerRun(target: BenchTarget, run: number): Promise<RunMeasure | undefined> {
  if (!existsSync(peer)) return undefined
  const table = join(target.folder, `peer-${run}`)
  const child = spawn(
    process.env['SILT_TEST_PYTHON'] ?? 'python3',
    [peer, table, target.topic, `peer-${run}-${process.pid}`, '50000'],
    {
      env: { ...process.env, KAFKA_BOOTSTRAP_SERVERS: target.bootstrapServers },
      stdio: 'ignore',
    },
  )
  const ended = once(child, 'close')
  try {
    return await measureRun('hand-written Python, 50,000 a batch', table, target.events, [child.pid ?? -1], timeoutMs)
  } finally {
    child.kill('SIGKILL')
    await ended
    rmSync(table, { recursive: true, force: true })
  }
}
