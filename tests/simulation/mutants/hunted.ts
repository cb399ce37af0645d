/** What a hunt for one broken variant came to. */
export interface Hunt {
  /** The first schedule that breaks a promise the variant is expected to break. */
  readonly caught: { readonly seed: number; readonly name: string; readonly detail: string } | undefined
  /** Schedules run. */
  readonly runs: number
  /** Wall time of them, ms. */
  readonly ms: number
  /** Every promise seen broken on the way, with its first place. */
  readonly others: readonly (readonly [string, string])[]
}
