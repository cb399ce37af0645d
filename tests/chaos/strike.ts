import { setTimeout as delay } from 'node:timers/promises'
import { actorNames, ruleOf } from './faults.ts'
import type { LinkMode } from './link.ts'
import type { Platform } from './platform.ts'
import type { Fault } from './schedule.ts'

/** Does what a fault says; resolves, once it is over, to what it was, with the target that was found. */
export async function strike(fault: Fault, platform: Platform): Promise<string> {
  const { squad, cluster, servers, links } = platform
  const { target, lastsMs } = fault
  const rule = ruleOf(fault.kind)
  switch (rule.act) {
    case 'kill': {
      const name = found(target, platform)
      await squad.kill(name)
      return `${fault.kind} ${name}`
    }
    case 'freeze': {
      const name = found(target, platform)
      await squad.freeze(name, lastsMs)
      return `${fault.kind} ${name}`
    }
    case 'broker': {
      const broker = cluster.brokers[Number(target)]
      if (broker === undefined) throw new RangeError(`there is no broker ${target}`)
      if (rule.how === 'freeze') await frozen(broker.pid, lastsMs)
      else {
        await (rule.how === 'kill' ? broker.kill() : broker.stop())
        await delay(lastsMs)
        await broker.start()
      }
      return `${fault.kind} ${target}`
    }
    case 'server':
      await servers[rule.server].kill()
      await delay(lastsMs)
      await servers[rule.server].start()
      return fault.kind
    case 'flush':
      // A Redis that is away just now has nothing to lose; one that comes back has.
      await untilDone(() => servers.redis.flush())
      return fault.kind
    case 'link': {
      const all = links[rule.server]
      const struck =
        target === 'all' ? [...all.values()] : [...all].filter(([name]) => name === target).map(([, link]) => link)
      const mode: LinkMode = rule.how === 'delay' ? { kind: 'delay', delayMs: fault.delayMs } : { kind: rule.how }
      for (const link of struck) link.mode = mode
      await delay(lastsMs)
      for (const link of struck) if (link.mode === mode) link.mode = { kind: 'pass' }
      return `${fault.kind} ${target}`
    }
  }
}

const attemptsMax = 50

async function untilDone(act: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await act()
      return
    } catch (error) {
      if (attempt === attemptsMax) throw error
      await delay(200)
    }
  }
}

async function frozen(pid: number | undefined, ms: number): Promise<void> {
  if (pid === undefined) return
  process.kill(pid, 'SIGSTOP')
  try {
    await delay(ms)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
}

/** `active` is the committer that took the lease last and has not told of its loss; the first one where none has. */
function found(target: string, { squad }: Platform): string {
  if (target !== 'active') return target
  const holders = actorNames('committer').flatMap((name) => {
    const turns = squad.logs(name).filter(({ msg }) => /holds the lease|lost the lease/.test(String(msg)))
    const last = turns.at(-1)
    return last !== undefined && String(last['msg']).startsWith('holds') ? [{ name, at: String(last['time']) }] : []
  })
  return holders.sort((a, b) => a.at.localeCompare(b.at)).at(-1)?.name ?? actorNames('committer')[0] ?? ''
}
