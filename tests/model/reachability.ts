/** Edges of a graph of numbered states: the i-th leads from `from[i]` to `to[i]`. */
export interface Edges {
  readonly from: readonly number[]
  readonly to: readonly number[]
}

/** By state: 1 where some way leads to one of `goals`, else 0. */
export function canReach(states: number, goals: readonly number[], edges: Edges): Uint8Array {
  const { offsets, sources } = byTarget(states, edges)
  const reaching = new Uint8Array(states)
  const work: number[] = []
  const reach = (state: number): void => {
    if (reaching[state] === 1) return
    reaching[state] = 1
    work.push(state)
  }
  for (const goal of goals) reach(goal)
  for (let state = work.pop(); state !== undefined; state = work.pop())
    for (let at = offsets[state] as number; at < (offsets[state + 1] as number); at++) reach(sources[at] as number)
  return reaching
}

/** The sources of all edges, those into one state next to each other: into `s` from `offsets[s]` on. */
function byTarget(states: number, { from, to }: Edges): { offsets: Uint32Array; sources: Uint32Array } {
  const offsets = new Uint32Array(states + 2)
  for (const target of to) offsets[target + 2] = (offsets[target + 2] as number) + 1
  for (let state = 2; state < offsets.length; state++)
    offsets[state] = (offsets[state] as number) + (offsets[state - 1] as number)
  const sources = new Uint32Array(from.length)
  for (const [edge, source] of from.entries()) {
    const target = (to[edge] as number) + 1
    const at = offsets[target] as number
    sources[at] = source
    offsets[target] = at + 1
  }
  return { offsets, sources }
}
