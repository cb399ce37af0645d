import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { python } from './python.ts'

const script = fileURLToPath(new URL('../load/transactions.py', import.meta.url))

/** `tests/load/transactions.py`, kept running, so that a transaction can stay open between two steps of a test. */
export class TransactionalProducer {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #answers: AsyncIterator<string>
  readonly #errors: string[] = []

  constructor(bootstrapServers: string, topic: string, partitionCount: number) {
    this.#child = spawn(python, [script, bootstrapServers, topic, String(partitionCount)], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => this.#errors.push(text))
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  /** Runs these words (`b1 p1 c1 n`) and resolves when all of them are done. */
  async run(words: string): Promise<void> {
    this.#child.stdin.write(`${words}\n`)
    const answer = await this.#answers.next()
    if (answer.done === true) throw new Error(`transactions.py ended\n${this.#errors.join('').slice(-4000)}`)
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await closed
  }
}
