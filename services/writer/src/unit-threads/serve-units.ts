import type { MessagePort } from 'node:worker_threads'
import { asSiltError, SiltError } from '@silt/core'
import { FileMemory } from '@silt/dataplane'
import { plainError, transferableFiles } from '../encode/encode-messages.ts'
import { endWhenAsked } from '../encode/end-thread.ts'
import type { UnitRunner } from '../unit-runner.ts'
import type { SlabMark } from '../unit-trail.ts'
import { Questions } from './questions.ts'
import { SharedTrail } from './shared-trail.ts'
import { plainRan, type UnitReply, type UnitRequest } from './unit-messages.ts'

/** What a thread runs units with: a source, an encoder and the memory both share. */
export interface UnitPlace {
  readonly runner: UnitRunner
  /** No further unit is to be begun here. */
  readonly isSpent: boolean
  /** Memory that units have used and that is used again, but not given back before `close`. */
  readonly touchedBytes: number
  /** Called once, after its last unit. */
  close(): Promise<void>
}

/** `security` asks the writer by what the next connection of the place's source is secured; `fileMemory` is the thread's. */
export type MakeUnitPlace = (security: () => Promise<unknown>, fileMemory: FileMemory) => UnitPlace

/** All that a thread of a ThreadUnitRunner does, until it is asked to end. */
export function serveUnitsOn(port: MessagePort, makePlace: MakeUnitPlace): void {
  const serve = serveUnits(makePlace, (reply, transfer) => port.postMessage(reply, transfer))
  endWhenAsked(port, (request) => serve(request as UnitRequest))
}

interface Tenanted {
  readonly place: UnitPlace
  runs: number
}

/** The far end of a UnitThread: runs side by side, each begun in a place that is not spent. */
export function serveUnits(
  makePlace: MakeUnitPlace,
  post: (reply: UnitReply, transfer: ArrayBuffer[]) => void,
): (request: UnitRequest) => void {
  const aborts = new Map<number, AbortController>()
  const questions = new Questions((ask) => post({ kind: 'security?', ask }, []))
  const fileMemory = new FileMemory()
  let current: Tenanted | undefined
  let doings = 0

  const close = ({ place }: Tenanted): void => {
    post({ kind: 'renewed' }, [])
    // What closing fails of is left behind as it is: nobody runs there any more.
    place.close().catch(() => undefined)
  }

  const enter = (): Tenanted => {
    if (current?.place.isSpent === true) {
      if (current.runs === 0) close(current)
      current = undefined
    }
    current ??= { place: made(() => makePlace(() => questions.ask(), fileMemory)), runs: 0 }
    current.runs++
    return current
  }

  /** A spent place is left at once: the next unit may be long in coming. */
  const leave = (tenanted: Tenanted): void => {
    tenanted.runs--
    post({ kind: 'touched', touchedBytes: tenanted.place.touchedBytes }, [])
    if (tenanted.runs > 0 || !tenanted.place.isSpent) return
    if (tenanted === current) current = undefined
    close(tenanted)
  }

  const run = async ({ run, order, trail: memory }: Extract<UnitRequest, { kind: 'run' }>): Promise<void> => {
    const abort = new AbortController()
    aborts.set(run, abort)
    const trail = new SharedTrail(memory)
    trail.stamp = ++doings
    const onSlab = (mark: SlabMark): void => {
      trail.stamp = ++doings
      const isAdded = trail.add(mark)
      if (!isAdded) post({ kind: 'slab', run, mark }, [])
      else if (trail.count === 1) post({ kind: 'slab', run }, [])
    }
    let reply: UnitReply
    let tenanted: Tenanted | undefined
    try {
      tenanted = enter()
      const ran = await tenanted.place.runner.run(order, { onSlab }, abort.signal)
      reply = { kind: 'finished', run, ran: plainRan(ran) }
    } catch (error) {
      // Whatever an aborted run ends with is no fault of anything here.
      reply = { kind: 'failed', run, error: plainError(abort.signal.aborted ? aborted() : error) }
    }
    aborts.delete(run)
    if (tenanted !== undefined) leave(tenanted)
    post(reply, reply.kind === 'finished' ? transferableFiles(reply.ran.unit) : [])
  }

  return (request) => {
    if (request.kind === 'run') void run(request)
    else if (request.kind === 'abort') aborts.get(request.run)?.abort(aborted())
    else if (request.kind === 'file-memory') for (const buffer of request.buffers) fileMemory.give(buffer)
    else questions.answered(request.ask, request.answer)
  }
}

/** That there is no memory for a place is no fault of the unit it was to be made for. */
function made(make: () => UnitPlace): UnitPlace {
  try {
    return make()
  } catch (cause) {
    const error = asSiltError(cause)
    if (error.kind !== 'internal') throw error
    const message = `units cannot be run in this thread: ${error.message}`
    throw new SiltError('unavailable', 'encoder/died', message, { cause })
  }
}

function aborted(): SiltError {
  return new SiltError('unavailable', 'encoder/died', 'the unit was aborted')
}
