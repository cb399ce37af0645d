import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { python } from './python.ts'

const script = fileURLToPath(new URL('../load/produce.py', import.meta.url))
const tickMs = 20

export interface SteadyProducer {
  /** Lines handed over so far. */
  readonly sent: number
  /** Ends early. */
  stop(): void
  /** Resolves to the records the brokers acknowledged, once everything is delivered. */
  readonly delivered: Promise<number>
}

/** Feeds the lines of a file to `produce.py` at a steady rate, until they end or it is stopped. */
export function produceSteadily(
  source: string,
  target: {
    readonly bootstrapServers: string
    readonly topic: string
    readonly partitions: number
    readonly eventsPerSecond: number
  },
): SteadyProducer {
  const { bootstrapServers, topic, partitions, eventsPerSecond } = target
  const args = [script, '-', bootstrapServers, topic, String(partitions)]
  const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text))
  const closed = once(child, 'close') as Promise<[number | null]>
  // Its exit code tells of an early end.
  child.stdin.on('error', () => undefined)
  const stopping = new AbortController()
  let sent = 0

  const feed = async (): Promise<void> => {
    const lines = createInterface({ input: createReadStream(source), crlfDelay: Infinity })[Symbol.asyncIterator]()
    const startMs = performance.now()
    while (!stopping.signal.aborted && child.exitCode === null) {
      const due = Math.floor(((performance.now() - startMs) / 1000) * eventsPerSecond)
      const chunk: string[] = []
      while (sent < due) {
        const line = await lines.next()
        if (line.done === true) {
          stopping.abort()
          break
        }
        chunk.push(`${line.value}\n`)
        sent++
      }
      if (chunk.length > 0 && !child.stdin.write(chunk.join('')))
        await Promise.race([once(child.stdin, 'drain'), closed])
      await delay(tickMs)
    }
    await lines.return?.()
    child.stdin.end()
  }

  const deliver = async (): Promise<number> => {
    await feed()
    const [code] = await closed
    if (code !== 0) throw new Error(`produce.py ended with ${code}\n${output.join('').slice(-4000)}`)
    const lastLine = output.join('').trim().split('\n').at(-1) ?? ''
    return (JSON.parse(lastLine) as { readonly records: number }).records
  }

  const delivered = deliver()
  // Whoever stops early may never ask.
  delivered.catch(() => undefined)
  return {
    get sent() {
      return sent
    },
    stop: () => stopping.abort(),
    delivered,
  }
}
