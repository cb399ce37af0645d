import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** `npm start`, run as the README says, its data below a folder of its own. */
export class NpmStart {
  readonly #child: ChildProcess
  readonly #ended: Promise<number>
  #output = ''

  private constructor(folder: string, args: readonly string[]) {
    this.#child = spawn('npm', ['start', ...(args.length > 0 ? ['--', ...args] : [])], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text))
    this.#ended = once(this.#child, 'close').then(([code]) => (code as number | null) ?? -1)
  }

  /** `folder` stands for the clone: npm always starts a script in the folder of its package.json. */
  static async in(folder: string, args: readonly string[] = []): Promise<NpmStart> {
    await copyFile(join(root, 'package.json'), join(folder, 'package.json'))
    await symlink(join(root, 'scripts'), join(folder, 'scripts'), 'dir')
    return new NpmStart(folder, args)
  }

  get output(): string {
    return this.#output
  }

  /** Where it says the table is; undefined until it does. */
  get tablePath(): string | undefined {
    return /The table is at (.+)/.exec(this.#output)?.[1]
  }

  /** Exit code; -1 when a signal ended it. */
  get ended(): Promise<number> {
    return this.#ended
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Sends a signal to npm and everything below it, as a terminal does. */
  signal(name: 'SIGINT' | 'SIGKILL'): void {
    if (this.#child.pid !== undefined && this.running) process.kill(-this.#child.pid, name)
  }
}
