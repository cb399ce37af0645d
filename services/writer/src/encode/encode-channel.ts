import { fork } from 'node:child_process'
import type { RowDecoderLimits } from '@silt/rows'
import { forkFault } from './fork-fault.ts'
import type { EncodeReply, EncodeRequest } from './encode-messages.ts'

/** What hears an encoder that runs elsewhere. */
export interface EncodeListener {
  onReply(reply: EncodeReply): void
  /** It ended, and how; may be said more than once. */
  onEnd(how: string, cause: unknown): void
}

/** The way to an encoder that runs elsewhere; requests are handled in the order posted. While `ref` it keeps this process alive. */
export interface EncodeChannel {
  post(request: EncodeRequest): void
  ref(): void
  unref(): void
  /** Ends it soon, whatever it does. */
  end(): Promise<void>
}

export interface EncodeChannelOptions {
  readonly module: URL
  readonly limits: RowDecoderLimits
  /** Heap, MiB; beyond it the process dies. Undefined: Node's own. */
  readonly heapMiBMax: number | undefined
  /** All of its environment. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * An encoder in a process of its own: whatever ends it (an abort, a fault in native code, the kernel short of memory) leaves this process alive.
 * It gets none of this process's environment but `environment`: no secret is where hostile bytes are read.
 */
export function processChannel(
  { module, limits, heapMiBMax, environment }: EncodeChannelOptions,
  hear: EncodeListener,
): EncodeChannel {
  const child = fork(module, [JSON.stringify(limits)], {
    env: { ...environment },
    execArgv: [...process.execArgv, ...(heapMiBMax === undefined ? [] : [`--max-old-space-size=${heapMiBMax}`])],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const ended = new Promise<void>((resolve) => {
    child.once('error', (cause) => {
      const isMade = child.pid !== undefined
      hear.onEnd(isMade ? "the encoder's process could not be reached" : forkFault(cause), cause)
      if (!isMade) resolve()
    })
    child.once('exit', (exitCode, signal) => {
      const how = signal === null ? `exited with ${exitCode ?? 'nothing'}` : `was ended by ${signal}`
      hear.onEnd(`the encoder's process ${how}`, undefined)
      resolve()
    })
  })
  child.on('message', (reply) => hear.onReply(reply as EncodeReply))
  return {
    // A process that has died meanwhile is heard of by its exit, one that was never made by its error: without descriptors it has not even `send`.
    post: (request) => {
      if (child.connected) child.send(request, () => undefined)
    },
    ref: () => {
      child.ref()
      child.channel?.ref()
    },
    unref: () => {
      child.unref()
      child.channel?.unref()
    },
    end: () => {
      child.kill('SIGKILL')
      return ended
    },
  }
}
