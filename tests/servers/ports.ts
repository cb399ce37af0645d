import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { SiltError } from '@silt/core'

// Below the range that kernels hand out for outgoing connections: a server that is down for a moment keeps its port.
const PORT_MIN = 15_000
const PORT_MAX = 32_000
const ATTEMPTS_MAX = 50
const handedOut = new Set<number>()

/** A port of 127.0.0.1 that nobody listens on and that this process has not handed out before. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const port = randomInt(PORT_MIN, PORT_MAX)
    if (handedOut.has(port) || !(await isFree(port))) continue
    handedOut.add(port)
    return port
  }
  throw new SiltError('unavailable', 'servers/no-port', `no free port found between ${PORT_MIN} and ${PORT_MAX}`)
}

/** Waits until the ports can be bound again: a killed server's stay taken for a moment. */
export async function untilFree(ports: readonly number[], waitMsMax: number): Promise<void> {
  const deadline = performance.now() + waitMsMax
  for (const port of ports) {
    while (!(await isFree(port))) {
      if (performance.now() > deadline) {
        throw new SiltError('unavailable', 'servers/port-taken', `port ${port} stayed taken for ${waitMsMax} ms`)
      }
      await delay(50)
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => {
      resolve(false)
    })
    probe.listen(port, '127.0.0.1', () => {
      probe.close(() => {
        resolve(true)
      })
    })
  })
}
