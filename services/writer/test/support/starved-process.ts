import { closeSync, openSync } from 'node:fs'
import { asSiltError, systemClock } from '@silt/core'
import { ProcessEncoder } from '../../src/encode/process-encoder.ts'
import { encodeSpec } from './slabs.ts'

/**
 * Run under a small `ulimit -n`: takes every file descriptor, asks twice for a process to decode in, gives the descriptors back and asks once more.
 * Prints what came of each, a line of JSON.
 */
const taken: number[] = []
try {
  for (;;) taken.push(openSync('/dev/null', 'r'))
} catch {
  // Now none is left.
}
const encoder = new ProcessEncoder({ clock: systemClock })
const told: object[] = []
for (let turn = 0; turn < 3; turn++) {
  if (turn === 2) taken.forEach(closeSync)
  const outcome = await encoder.open(encodeSpec).then(
    (session) => {
      session.abandon()
      return { code: 'opened' }
    },
    (error: unknown) => {
      const { code, kind, message } = asSiltError(error)
      return { code, kind, message }
    },
  )
  told.push(outcome)
}
console.log(JSON.stringify(told))
// Nobody waits for its end, which alone keeps no process alive.
void encoder.close()
