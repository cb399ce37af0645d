import { pendingRecord } from './product.ts'
import type { CommitBounds, GlueFault } from './bounds.ts'
import { CommitBodies, type Body } from './commit-bodies.ts'
import { asleep, stateKey, type Committer, type CommitState, type LatePut } from './commit-state.ts'
import type { Model, Step } from './explorer.ts'
import { jobUniverse } from './jobs.ts'
import { brokenInState } from './commit-properties.ts'
import { Versions, type DeadLetterVersion, type MainVersion } from './versions.ts'

/**
 * The commit protocol: committers that may die anywhere, two logs, and a store whose answers may be lost and whose PUTs may land late. Everything that
 * decides is the product's own (ledger, triage, grouping, bodies, replay, what is pending); here is only who may do what when.
 */
export class CommitModel implements Model<CommitState> {
  readonly initial: CommitState
  readonly #bounds: CommitBounds
  readonly #faults: ReadonlySet<GlueFault>
  readonly #versions: Versions
  readonly #bodies: CommitBodies
  /** By newest versions of both tables: what only depends on them. */
  readonly #judged = new Map<string, { readonly violation: string | undefined; readonly pending: number | undefined }>()

  constructor(bounds: CommitBounds, faults: ReadonlySet<GlueFault> = new Set()) {
    const universe = jobUniverse(bounds, faults)
    this.#bounds = bounds
    this.#faults = faults
    this.#versions = new Versions(bounds, universe)
    this.#bodies = new CommitBodies(this.#versions, universe)
    this.initial = {
      main: 0,
      deadLetters: 0,
      hour: 0,
      oldMain: -1,
      cleanedMain: 0,
      foreign: 0,
      committers: Array.from({ length: bounds.committers }, () => asleep),
      late: [],
    }
  }

  key(state: CommitState): string {
    return stateKey(state)
  }

  violation(state: CommitState): string | undefined {
    return this.#judge(state).violation
  }

  /** A record that clean-up took before it was applied stops the table for good (I5): nothing is left to be done here. */
  isDone(state: CommitState): boolean {
    const { pending } = this.#judge(state)
    return pending === undefined ? this.#versions.main(state.main).isAll : pending < state.cleanedMain
  }

  show(state: CommitState): string {
    const main = this.#versions.main(state.main)
    const { version } = this.#versions.deadLetters(state.deadLetters).state
    const txns = [...main.state.txns].map(([appId, at]) => `${appId.replace('silt:events:', '')}=${at}`)
    return `main v${main.state.version} {${txns.filter((each) => !each.startsWith('silt-')).join(' ')}} dead letters v${version}`
  }

  steps(state: CommitState): readonly Step<CommitState>[] {
    const steps = state.committers.flatMap((committer, index) => this.#ofCommitter(state, committer, index))
    for (const late of new Set(state.late)) steps.push(...this.#ofLatePut(state, late))
    steps.push(...this.#ofTime(state))
    if (state.foreign < this.#bounds.foreignMax) {
      const main = this.#bodies.foreign(this.#versions.main(state.main)).id
      steps.push({ label: 'another engine commits', to: { ...state, main, foreign: state.foreign + 1 }, isFair: false })
    }
    return steps
  }

  #judge(state: CommitState): { readonly violation: string | undefined; readonly pending: number | undefined } {
    const key = `${state.main} ${state.deadLetters}`
    const known = this.#judged.get(key)
    if (known !== undefined) return known
    const [main, deadLetters] = [this.#versions.main(state.main), this.#versions.deadLetters(state.deadLetters)]
    const judged = {
      violation: brokenInState(main, deadLetters),
      pending: pendingRecord(main.state, deadLetters.state),
    }
    this.#judged.set(key, judged)
    return judged
  }

  #ofCommitter(state: CommitState, committer: Committer, index: number): Step<CommitState>[] {
    const acts = this.#acts(state, committer, index)
    if (committer.phase === 'awake' && committer.main < 0 && committer.deadLetters < 0) return acts
    return [
      ...acts,
      { label: `c${index} dies`, to: withCommitter(orphaned(state, index), index, asleep), isFair: false },
    ]
  }

  #acts(state: CommitState, committer: Committer, index: number): Step<CommitState>[] {
    switch (committer.phase) {
      case 'awake':
        return [...this.#reads(state, committer, index), ...this.#decides(state, committer, index)]
      case 'main-sent':
        return this.#settlesMain(state, committer, index)
      case 'dead-letters-sent':
        return this.#settlesDeadLetters(state, committer, index)
      case 'stopped':
        return [step(state, index, asleep, 'looks whether what stopped the table is gone')]
    }
  }

  /** Either log, to its end; by what is fresh or proved newest nobody is left behind (I8a). */
  #reads(state: CommitState, committer: Committer, index: number): Step<CommitState>[] {
    const steps: Step<CommitState>[] = []
    if (committer.main !== state.main && !this.#seesNoNext(state, committer))
      steps.push(step(state, index, { ...committer, main: state.main }, 'reads the main log'))
    if (committer.deadLetters !== state.deadLetters)
      steps.push(step(state, index, { ...committer, deadLetters: state.deadLetters }, 'reads the dead-letter log'))
    return steps
  }

  /** Where the name after its base was cleaned away, a base that is not proved looks like the newest version. */
  #seesNoNext(state: CommitState, { main }: Committer): boolean {
    return (
      this.#faults.has('base-not-proved-fresh') &&
      main >= 0 &&
      this.#versions.main(main).state.version + 1 < state.cleanedMain
    )
  }

  #decides(state: CommitState, committer: Committer, index: number): Step<CommitState>[] {
    if (committer.main < 0 || committer.deadLetters < 0) return []
    const main = this.#versions.main(committer.main)
    const deadLetters = this.#versions.deadLetters(committer.deadLetters)
    const pending = pendingRecord(main.state, deadLetters.state)
    if (pending === undefined) return this.#commits(state, committer, index, false)
    const unavailable = this.#commits(state, committer, index, true).map((each) => ({ ...each, isFair: false }))
    return [...unavailable, ...this.#projects(state, committer, index, { main, deadLetters, pending })]
  }

  /** I5: the record as the main log holds it, after the dead-letter version that was read. */
  #projects(
    state: CommitState,
    committer: Committer,
    index: number,
    at: { readonly main: MainVersion; readonly deadLetters: DeadLetterVersion; readonly pending: number },
  ): Step<CommitState>[] {
    if (at.pending < state.cleanedMain)
      return committer.deadLetters === state.deadLetters
        ? [step(state, index, { ...asleep, phase: 'stopped' }, 'finds the record gone and stops the table')]
        : []
    const text = `applies the dead letters of version ${at.pending}`
    if (this.#versions.deadLetters(state.deadLetters).state.version !== at.deadLetters.state.version)
      return [step(state, index, { ...committer, deadLetters: -1 }, `${text}: the version is taken`)]
    const after = this.#versions.afterProjection(at.deadLetters, at.main, at.pending).id
    const landed = { ...state, deadLetters: after }
    const sent: Committer = { ...committer, phase: 'dead-letters-sent', sent: after, landed: false }
    return [
      step(landed, index, { ...committer, deadLetters: after }, text),
      unfair(landed, index, { ...sent, landed: true }, `${text}, the answer is lost`),
      ...this.#late(state, index, sent, `${text}, late`),
    ]
  }

  #commits(state: CommitState, committer: Committer, index: number, pending: boolean): Step<CommitState>[] {
    const base = this.#versions.main(committer.main)
    const bodies = this.#bodies.possible({ base, hour: state.hour, deadLettersPending: pending })
    const newest = this.#versions.main(state.main).state.version
    if (newest === base.state.version) return bodies.flatMap((body) => this.#puts(state, committer, index, body))
    if (base.state.version + 1 < state.cleanedMain)
      return bodies.map((body) => ({
        ...step(state, index, committer, `commits ${body.text} under a name that clean-up has freed`),
        violation: 'I8a: told committed, and nobody reads that version',
      }))
    return bodies.slice(0, 1).flatMap((body) => this.#loses(state, committer, index, body))
  }

  #puts(state: CommitState, committer: Committer, index: number, body: Body): Step<CommitState>[] {
    const text = `commits ${body.text}`
    const landed = { ...state, main: body.result.id }
    const sent: Committer = { ...committer, phase: 'main-sent', sent: body.id, landed: false }
    const gone = this.#filesGone(state, body)
    return [
      { ...step(landed, index, { ...committer, main: body.result.id }, text), ...gone },
      unfair(landed, index, { ...sent, landed: true }, `${text}, the answer is lost`),
      ...this.#late(state, index, sent, `${text}, late`),
    ]
  }

  #late(state: CommitState, index: number, sent: Committer, label: string): Step<CommitState>[] {
    if (state.late.length >= this.#bounds.lateMax) return []
    const table = sent.phase === 'main-sent' ? 'main' : 'dead-letters'
    const late = [...state.late, { table, body: sent.sent, owner: index, filesDeleted: false } as const]
    return [unfair({ ...state, late }, index, sent, label)]
  }

  /** Someone else's commit has the name (I6): everything is built anew from the log as read (I7). */
  #loses(state: CommitState, committer: Committer, index: number, body: Body): Step<CommitState>[] {
    const text = `commits ${body.text}: the version is taken`
    if (this.#faults.has('conflict-without-reading')) return [this.#rePuts(state, committer, index, body)]
    return [step(state, index, { ...committer, main: -1 }, text)]
  }

  #settlesMain(state: CommitState, committer: Committer, index: number): Step<CommitState>[] {
    const body = this.#bodies.byId(committer.sent)
    const awake: Committer = { ...committer, phase: 'awake', sent: -1, landed: false }
    const unread = this.#unknown(state, { ...awake, main: -1 }, index, body)
    if (committer.landed)
      return [
        step(state, index, { ...awake, main: body.result.id }, 'reads its token back: committed'),
        { ...unread, label: `c${index} cannot read back`, isFair: false },
      ]
    if (this.#versions.main(state.main).state.version < body.result.state.version) return [unread]
    return this.#loses(orphaned(state, index), { ...awake, main: body.base.id }, index, body)
  }

  /** Nothing is known of the PUT, so nothing is concluded from it (I6). */
  #unknown(state: CommitState, awake: Committer, index: number, body: Body): Step<CommitState> {
    const text = 'does not know what became of its commit'
    if (this.#faults.has('unknown-taken-as-committed')) {
      const isThere = state.committers[index]?.landed === true
      const told = step(orphaned(state, index), index, { ...awake, main: body.result.id }, `${text}: committed`)
      return isThere ? told : { ...told, violation: 'I6: told committed, and the log does not hold it' }
    }
    if (this.#faults.has('blind-re-put')) return this.#rePuts(orphaned(state, index), awake, index, body)
    const after = this.#faults.has('files-deleted-after-unknown') ? filesDeleted(state, index) : state
    const told = step(orphaned(after, index), index, awake, text)
    return this.#faults.has('files-deleted-after-unknown') && state.committers[index]?.landed === true
      ? { ...told, violation: 'I6: the files of a committed unit are deleted' }
      : told
  }

  #rePuts(state: CommitState, committer: Committer, index: number, body: Body): Step<CommitState> {
    const again = this.#bodies.again(body, this.#versions.main(state.main))
    const landed = { ...state, main: again.result.id }
    return step(landed, index, { ...committer, main: again.result.id }, `puts ${body.text} again, as it was`)
  }

  #settlesDeadLetters(state: CommitState, committer: Committer, index: number): Step<CommitState>[] {
    const awake: Committer = { ...committer, phase: 'awake', sent: -1, landed: false }
    const forgets = (label: string): Step<CommitState> =>
      step(orphaned(state, index), index, { ...awake, deadLetters: -1 }, label)
    if (!committer.landed) return [forgets('does not know of its dead letters')]
    return [
      step(state, index, { ...awake, deadLetters: committer.sent }, 'reads its token back: applied'),
      { ...forgets('cannot read its dead letters back'), isFair: false },
    ]
  }

  #ofLatePut(state: CommitState, late: LatePut): Step<CommitState>[] {
    const without = { ...state, late: state.late.filter((each) => each !== late) }
    const vanished = { label: 'a late PUT comes to nothing', to: without, isFair: true }
    const owner = state.committers[late.owner]
    const known = owner === undefined ? without : withCommitter(without, late.owner, { ...owner, landed: true })
    if (late.table === 'dead-letters') {
      const version = this.#versions.deadLetters(late.body).state.version
      const newest = this.#versions.deadLetters(state.deadLetters).state.version
      if (newest + 1 !== version) return [vanished]
      return [vanished, { label: 'late dead letters land', to: { ...known, deadLetters: late.body }, isFair: true }]
    }
    const body = this.#bodies.byId(late.body)
    if (body.base.id !== state.main) return [vanished]
    const landed = { label: `late ${body.text} lands`, to: { ...known, main: body.result.id }, isFair: true }
    const deleted = late.filesDeleted ? { violation: 'I6: a commit names files that were deleted' } : {}
    return [vanished, { ...landed, ...this.#filesGone(state, body), ...deleted }]
  }

  /** Another engine's vacuum takes files that nothing refers to once they are old (I10a). */
  #filesGone(state: CommitState, body: Body): { violation?: string } {
    return body.oldestHour < state.hour ? { violation: 'I10a: a vacuum may have taken these files before' } : {}
  }

  /** More than an hour: longer than any PUT is under way and any proof holds. Then clean-up may take what was there. */
  #ofTime(state: CommitState): Step<CommitState>[] {
    const steps: Step<CommitState>[] = []
    const isQuiet = state.late.length === 0 && state.committers.every((each) => !each.phase.endsWith('sent'))
    if (state.hour < this.#bounds.hoursMax && isQuiet) {
      const keepsBase = this.#faults.has('base-not-proved-fresh')
      const committers = state.committers.map((each) => (keepsBase || each.phase === 'stopped' ? each : asleep))
      const to = { ...state, hour: state.hour + 1, oldMain: state.main, committers }
      steps.push({ label: 'hours pass', to, isFair: false })
    }
    const main = this.#cleanable(state, this.#versions.main(state.main), state.oldMain)
    if (main > state.cleanedMain)
      steps.push({ label: 'clean-up of the main log', to: { ...state, cleanedMain: main }, isFair: false })
    return steps
  }

  /** All that was there when the hours passed, but never the newest version. */
  #cleanable(state: CommitState, newest: MainVersion, old: number): number {
    return state.hour === 0 ? 0 : Math.min(newest.state.version, this.#versions.main(old).state.version + 1)
  }
}

function step(state: CommitState, index: number, committer: Committer, text: string): Step<CommitState> {
  return { label: `c${index} ${text}`, to: withCommitter(state, index, committer), isFair: true }
}

function unfair(state: CommitState, index: number, committer: Committer, text: string): Step<CommitState> {
  return { ...step(state, index, committer, text), isFair: false }
}

function withCommitter(state: CommitState, index: number, committer: Committer): CommitState {
  return { ...state, committers: state.committers.map((each, at) => (at === index ? committer : each)) }
}

/** Nobody asks for the end of that committer's PUT any more. */
function orphaned(state: CommitState, index: number): CommitState {
  return { ...state, late: state.late.map((each) => (each.owner === index ? { ...each, owner: -1 } : each)) }
}

function filesDeleted(state: CommitState, index: number): CommitState {
  return { ...state, late: state.late.map((each) => (each.owner === index ? { ...each, filesDeleted: true } : each)) }
}
