/** What took place in a run, by name and how often: whether a theme did what it is for is told by this alone. */
export class Tally {
  readonly #counts = new Map<string, number>()

  add(what: string, times = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + times)
  }

  addAll(others: ReadonlyMap<string, number>): void {
    for (const [what, times] of others) this.add(what, times)
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }
}
