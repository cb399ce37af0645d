import { asSiltError, type Clock } from '@silt/core'
import type { Engine } from './engine.ts'
import type { Violation } from './history.ts'
import { audit, check } from './operator/index.ts'
import { checkEnd, checkHistory } from './properties/index.ts'
import type { World } from './world.ts'

/** Everything a finished run is held against: every invariant at every version, the table checks of both tables, the audit. */
export async function verdictOf(world: World, engine: Engine): Promise<readonly Violation[]> {
  const history = world.history()
  const violations = [
    ...checkHistory(history, world.parquet),
    ...checkEnd(history, world.parquet),
    ...world.jobs.violations,
    ...world.landings.violations,
  ]
  return [...violations, ...(await checked(world)), ...(await audited(world, engine))]
}

async function checked(world: World): Promise<readonly Violation[]> {
  const rowCount = (body: Uint8Array): number => world.parquet.rowCount(body)
  const { main, deadLetters } = await check(tables(world), rowCount)
  return [main, deadLetters].flatMap(({ findings }, index) =>
    findings.map((finding) => ({
      name: 'table-check',
      detail: `${index === 0 ? 'main' : 'dead letters'}: ${JSON.stringify(finding)}`,
    })),
  )
}

async function audited(world: World, engine: Engine): Promise<readonly Violation[]> {
  // It would wait for them; that they never come is told as L1.
  if (!world.isProjected) return []
  const clock: Clock = {
    nowMs: world.main.nowMs,
    monotonicMs: () => world.scheduler.nowMs,
    sleep: () => Promise.reject(new Error('the dead letters were in')),
  }
  try {
    const report = await audit({ ...tables(world), clock })
    const accepted = new Set(['proved', 'explained'])
    if (engine.hasRemovedRows) accepted.add('removed-by-others').add('unverifiable')
    if (accepted.has(report.verdict)) return []
    const because = report.partitions.filter(({ verdict }) => !accepted.has(verdict))
    return [{ name: `audit-${report.verdict}`, detail: JSON.stringify([report.faults, because]) }]
  } catch (error) {
    const { code, message } = asSiltError(error)
    return [{ name: 'audit-ended', detail: `${code}: ${message}` }]
  }
}

function tables(world: World): Pick<Parameters<typeof audit>[0], 'store' | 'deadLetterStore' | 'reader'> {
  return { store: world.main.objects, deadLetterStore: world.deadLetters.objects, reader: world.parquet }
}
