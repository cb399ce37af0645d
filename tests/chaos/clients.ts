import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { python } from '../support/python.ts'
import type { Outcome, Placed } from './exact-count.ts'

export interface TopicAt {
  readonly bootstrapServers: string
  readonly topic: string
  readonly partitions: number
}

const scripts = {
  load: fileURLToPath(new URL('../load/chaos_load.py', import.meta.url)),
  witness: fileURLToPath(new URL('witness.py', import.meta.url)),
}
const stderrCharsMax = 20_000

/** A Python child with its words kept, killed with this process. */
class Client {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  /** The end of what it said on stderr. */
  errors = ''

  constructor(script: string, args: readonly string[]) {
    this.child = spawn(python, [script, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.child.stdin.on('error', () => undefined)
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-stderrCharsMax)
    })
  }

  kill(): void {
    this.child.kill('SIGKILL')
  }
}

export interface LoadReport extends Readonly<Record<Outcome, number>> {
  readonly failures: readonly string[]
}

/** `tests/load/chaos_load.py` while it runs. */
export class Load {
  readonly #client: Client
  readonly #report: Promise<LoadReport>

  constructor({ bootstrapServers, topic, partitions }: TopicAt, rate: number, ledger: string) {
    this.#client = new Client(scripts.load, [bootstrapServers, topic, String(partitions), String(rate), ledger])
    const { stdout } = this.#client.child
    let said = ''
    stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    this.#report = once(this.#client.child, 'close').then(() => {
      const line = said.trim().split('\n').at(-1) ?? ''
      if (!line.startsWith('{')) throw new Error(`chaos_load.py ended early\n${this.#client.errors}`)
      return JSON.parse(line) as LoadReport
    })
    this.#report.catch(() => undefined)
  }

  get running(): boolean {
    return this.#client.child.exitCode === null
  }

  /** What the client said of its troubles. */
  get troubles(): string {
    return this.#client.errors
  }

  /** Ends what is under way and resolves to what became of everything. */
  stop(): Promise<LoadReport> {
    this.#client.child.stdin.end()
    return this.#report
  }

  kill(): void {
    this.#client.kill()
  }
}

type ReadBucket = readonly [partition: number, appendMs: number, lastOffset: number]

/** `witness.py` while it runs: tells what has become readable. */
export function startWitness(
  { bootstrapServers, topic, partitions }: TopicAt,
  onRead: (buckets: readonly ReadBucket[]) => void,
): { kill(): void } {
  const client = new Client(scripts.witness, [bootstrapServers, topic, String(partitions)])
  createInterface({ input: client.child.stdout }).on('line', (line) =>
    onRead(JSON.parse(line) as readonly ReadBucket[]),
  )
  return client
}

export function readLedger(path: string): ReadonlyMap<string, Outcome> {
  const ledger = new Map<string, Outcome>()
  for (const line of linesOf(path)) {
    const [outcome, id] = line.split(' ') as [Outcome, string]
    ledger.set(id, outcome)
  }
  return ledger
}

export function readPlaced(path: string): readonly Placed[] {
  return linesOf(path).map((line) => {
    const [partition, offset, id = ''] = line.split(' ')
    return { partition: Number(partition), offset: Number(offset), id }
  })
}

function linesOf(path: string): readonly string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
}
