const rememberedMax = 100

/** Remembers texts, so that a log tells a lasting condition once. Bounded: it forgets all once it holds a hundred. */
export class SaidOnce {
  readonly #said = new Set<string>()

  isNew(text: string): boolean {
    if (this.#said.has(text)) return false
    if (this.#said.size >= rememberedMax) this.#said.clear()
    this.#said.add(text)
    return true
  }
}
