/** What one committer knows and is doing. Versions and bodies by their ids; -1: none. */
export interface Committer {
  /** `awake`: reading and deciding. Sent: a PUT has no answer. `stopped`: the table is for an operator. */
  readonly phase: 'awake' | 'main-sent' | 'dead-letters-sent' | 'stopped'
  /** The main version it holds for the newest; -1: it has to read the log first. */
  readonly main: number
  readonly deadLetters: number
  /** What it sent: a body of the main table, or the dead-letter version it would make. */
  readonly sent: number
  /** Whether what it sent is in the log, which it does not know. */
  readonly landed: boolean
}

/** A PUT that is under way and may land or not. */
export interface LatePut {
  readonly table: 'main' | 'dead-letters'
  readonly body: number
  /** The committer that still asks for its end; -1: nobody any more. */
  readonly owner: number
  readonly filesDeleted: boolean
}

/** Both tables, everybody's knowledge, and what is under way. */
export interface CommitState {
  /** Newest versions. */
  readonly main: number
  readonly deadLetters: number
  readonly hour: number
  /** The newest version when the hours passed: up to it another engine's clean-up may take commits. -1: they have not. */
  readonly oldMain: number
  /** Commits of the main table below this version number are cleaned away. */
  readonly cleanedMain: number
  readonly foreign: number
  readonly committers: readonly Committer[]
  readonly late: readonly LatePut[]
}

export const asleep: Committer = Object.freeze({
  phase: 'awake',
  main: -1,
  deadLetters: -1,
  sent: -1,
  landed: false,
})

/** Committers are alike, and so are PUTs that nobody asks for: the order of either tells nothing. */
export function stateKey(state: CommitState): string {
  const committers = state.committers.map((each, index) => committerKey(each, lateOf(state, index))).sort()
  const orphans = lateOf(state, -1).map(lateKey).sort()
  const { main, deadLetters, hour, oldMain, cleanedMain, foreign } = state
  const table = [main, deadLetters, hour, oldMain, cleanedMain, foreign]
  return `${packed(table)}/${committers.join('/')}/${orphans.join('')}`
}

function committerKey({ phase, main, deadLetters, sent, landed }: Committer, late: readonly LatePut[]): string {
  const phases = { awake: 0, 'main-sent': 1, 'dead-letters-sent': 2, stopped: 3 }
  return packed([phases[phase], main, deadLetters, sent, landed ? 1 : 0]) + late.map(lateKey).join('')
}

function lateKey({ table, body, filesDeleted }: LatePut): string {
  return packed([table === 'main' ? 0 : 1, body, filesDeleted ? 1 : 0])
}

function lateOf(state: CommitState, owner: number): readonly LatePut[] {
  return state.late.filter((each) => each.owner === owner)
}

/** One character a number, far from where `/` stands. */
function packed(numbers: readonly number[]): string {
  return String.fromCharCode(...numbers.map((each) => each + 0x100))
}
