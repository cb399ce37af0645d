import type { Lease } from '@silt/core'
import { ManualClock, silentLog } from '@silt/core/testing'
import { MemoryQueueProvider } from '@silt/queue'
import { describe, expect, it } from 'vitest'
import { runLeaseLoop } from '../src/lease-loop.ts'

interface Actor {
  readonly events: string[]
  readonly shutdown: AbortController
  readonly done: Promise<void>
}

/** An actor whose term lasts until it is lost or shut down. */
function actor(clock: ManualClock, lease: Lease, holder: string): Actor {
  const events: string[] = []
  const shutdown = new AbortController()
  const done = runLeaseLoop(
    { lease, clock, log: silentLog },
    { holder, leaseMs: 3000 },
    shutdown.signal,
    async (lost) => {
      events.push('begins')
      while (!lost.aborted && !shutdown.signal.aborted) await clock.sleep(10, lost)
      events.push(lost.aborted ? 'lost' : 'ends')
    },
  )
  return { events, shutdown, done }
}

describe('the lease', () => {
  it('is held by one; a standby takes over at once when it is given up', async () => {
    const clock = new ManualClock()
    const lease = new MemoryQueueProvider({ clock }).lease('l')
    const [a, b] = [actor(clock, lease, 'a'), actor(clock, lease, 'b')]
    await clock.advance(20_000)
    expect([a.events, b.events]).toEqual([['begins'], []])
    a.shutdown.abort()
    await clock.advance(1100)
    await a.done
    expect([a.events, b.events]).toEqual([['begins', 'ends'], ['begins']])
    b.shutdown.abort()
    await clock.advance(1100)
    await b.done
  })

  it('that cannot be renewed is lost before another can have it', async () => {
    const clock = new ManualClock()
    const inner = new MemoryQueueProvider({ clock }).lease('l')
    let away = false
    const flaky: Lease = {
      hold: (holder, ttlMs) => (away ? new Promise(() => undefined) : inner.hold(holder, ttlMs)),
      release: (holder) => inner.release(holder),
    }
    const [a, b] = [actor(clock, flaky, 'a'), actor(clock, inner, 'b')]
    await clock.advance(5000)
    away = true
    await clock.advance(5000)
    expect(a.events).toEqual(['begins', 'lost'])
    expect(b.events).toEqual(['begins'])
    a.shutdown.abort()
    b.shutdown.abort()
  })

  it('taken by another while we were stopped ends the term', async () => {
    const clock = new ManualClock()
    const provider = new MemoryQueueProvider({ clock })
    const lease = provider.lease('l')
    const a = actor(clock, lease, 'a')
    await clock.advance(100)
    await lease.release('a')
    await lease.hold('thief', 60_000)
    await clock.advance(1100)
    expect(a.events).toEqual(['begins', 'lost'])
    a.shutdown.abort()
    await clock.advance(1100)
    await a.done
  })

  it('throws what the term throws, and is given up', async () => {
    const clock = new ManualClock()
    const lease = new MemoryQueueProvider({ clock }).lease('l')
    const options = { holder: 'a', leaseMs: 3000 }
    const loop = runLeaseLoop({ lease, clock, log: silentLog }, options, new AbortController().signal, () =>
      Promise.reject(new Error('bug')),
    )
    await expect(loop).rejects.toThrow('bug')
    expect(await lease.hold('b', 1000)).toBe(true)
  })
})
