import type { Scenario } from './scenario.ts'

/** Everything of a schedule that may be left out. */
export interface Candidate {
  readonly scenario: Scenario
  /** Names of call faults left out. */
  readonly muted: ReadonlySet<string>
}

/** What one try came to: whether it still breaks the same promise, and which call faults took place in it. */
export interface Trial {
  readonly isBroken: boolean
  readonly firedNames: readonly string[]
}

/**
 * Makes a broken schedule as small as it finds, by leaving out faults, disturbances and records in ever smaller pieces as long as the same promise
 * breaks (delta debugging, Zeller 2002). At most `trialsMax` runs.
 */
export async function shrink(
  start: Candidate,
  attempt: (candidate: Candidate) => Promise<Trial>,
  trialsMax: number,
): Promise<Candidate> {
  let best = start
  let trials = 0
  const isBetter = async (candidate: Candidate): Promise<boolean> => {
    if (trials++ >= trialsMax) return false
    const { isBroken } = await attempt(candidate)
    if (isBroken) best = candidate
    return isBroken
  }
  for (let size = Infinity; trials < trialsMax;) {
    await cutCallFaults(() => best, attempt, isBetter)
    await cutList(
      () => best.scenario.disturbances,
      (disturbances) => isBetter(withScenario(best, { disturbances })),
    )
    await cutList(
      () => best.scenario.appends,
      (appends) => isBetter(withScenario(best, { appends })),
    )
    await fewerActors(() => best, isBetter)
    const now = best.scenario.disturbances.length + best.scenario.appends.length - best.muted.size
    if (now === size) return best
    size = now
  }
  return best
}

async function cutCallFaults(
  best: () => Candidate,
  attempt: (candidate: Candidate) => Promise<Trial>,
  isBetter: (candidate: Candidate) => Promise<boolean>,
): Promise<void> {
  const { firedNames } = await attempt(best())
  await cutList(
    () => firedNames.filter((name) => !best().muted.has(name)),
    (kept) => {
      const left = new Set(kept)
      const muted = new Set([...best().muted, ...firedNames.filter((name) => !left.has(name))])
      return isBetter({ ...best(), muted })
    },
  )
}

/** Leaves out halves, quarters, … single ones. */
async function cutList<T>(list: () => readonly T[], isGood: (kept: readonly T[]) => Promise<boolean>): Promise<void> {
  for (let piece = Math.ceil(list().length / 1); piece >= 1; piece = piece === 1 ? 0 : Math.ceil(piece / 2)) {
    for (let at = 0; at < list().length;) {
      const kept = [...list().slice(0, at), ...list().slice(at + piece)]
      if (!(await isGood(kept))) at += piece
    }
  }
}

async function fewerActors(best: () => Candidate, isBetter: (candidate: Candidate) => Promise<boolean>): Promise<void> {
  for (const actors of ['ingestors', 'writers', 'committers'] as const)
    while (
      best().scenario[actors] > 1 &&
      (await isBetter(withScenario(best(), { [actors]: best().scenario[actors] - 1 })))
    )
      continue
}

function withScenario(candidate: Candidate, change: Partial<Scenario>): Candidate {
  return { ...candidate, scenario: { ...candidate.scenario, ...change } }
}
