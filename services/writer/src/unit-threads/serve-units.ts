import { SiltError } from '@silt/core'
import { plainError, transferableFiles } from '../encode/encode-messages.ts'
import type { UnitListener, UnitRunner } from '../unit-runner.ts'
import { plainRan, type UnitReply, type UnitRequest } from './unit-messages.ts'

/** What a thread runs units with: a source, an encoder and the memory both share. */
export interface UnitPlace {
  readonly runner: UnitRunner
  /** No further unit is to be begun here. */
  readonly isSpent: boolean
  /** Called once, after its last unit. */
  close(): Promise<void>
}

interface Tenanted {
  readonly place: UnitPlace
  runs: number
}

/** The far end of a UnitThread: runs side by side, each begun in a place that is not spent. */
export function serveUnits(
  makePlace: () => UnitPlace,
  post: (reply: UnitReply, transfer: ArrayBuffer[]) => void,
): (request: UnitRequest) => void {
  const aborts = new Map<number, AbortController>()
  let current: Tenanted | undefined

  const enter = (): Tenanted => {
    if (current?.place.isSpent === true) {
      leaveIfEmpty(current)
      current = undefined
    }
    current ??= { place: makePlace(), runs: 0 }
    current.runs++
    return current
  }

  const leave = (tenanted: Tenanted): void => {
    tenanted.runs--
    if (tenanted !== current) leaveIfEmpty(tenanted)
  }

  const run = async ({ run, order }: Extract<UnitRequest, { kind: 'run' }>): Promise<void> => {
    const abort = new AbortController()
    aborts.set(run, abort)
    post({ kind: 'begun', run }, [])
    let tenanted: Tenanted | undefined
    try {
      tenanted = enter()
      const hear: UnitListener = { onSlab: (mark) => post({ kind: 'slab', run, mark }, []) }
      const ran = plainRan(await tenanted.place.runner.run(order, hear, abort.signal))
      post({ kind: 'finished', run, ran }, transferableFiles(ran.unit))
    } catch (error) {
      // Whatever an aborted run ends with is no fault of anything here.
      post({ kind: 'failed', run, error: plainError(abort.signal.aborted ? aborted() : error) }, [])
    } finally {
      aborts.delete(run)
      if (tenanted !== undefined) leave(tenanted)
    }
  }

  return (request) => {
    if (request.kind === 'run') void run(request)
    else aborts.get(request.run)?.abort(aborted())
  }
}

function aborted(): SiltError {
  return new SiltError('unavailable', 'encoder/died', 'the unit was aborted')
}

/** What closing fails of is left behind as it is: nobody runs there any more. */
function leaveIfEmpty({ place, runs }: Tenanted): void {
  if (runs === 0) place.close().catch(() => undefined)
}
