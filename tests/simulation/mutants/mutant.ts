import type { SourcePatch } from '../../mutation/load-mutant.ts'

/** The product with one rule of the protocol broken. */
export interface Mutant {
  readonly name: string
  /** Of architecture.md § 4. */
  readonly invariant: string
  /** What the broken product does, in words. */
  readonly does: string
  /** More than one place where a rule has a second line of defence, which is taken down as well. */
  readonly patches: readonly SourcePatch[]
  /** Why no schedule has met it yet, where none has: known, hunted each time, and no reason to fail. */
  readonly elusive?: string
  /** Promises one of which it must be seen to break. */
  readonly breaks: readonly string[]
}

/** A broken rule that the simulation does not catch, and why nobody should expect it to. */
export interface Uncaught {
  readonly name: string
  readonly invariant: string
  readonly does: string
  /** `unneeded`: nothing is promised that would break. `beyond`: what it takes is no part of the simulated world. */
  readonly because: 'unneeded' | 'beyond'
  readonly reason: string
  /** Where there is one to try. */
  readonly patches: readonly SourcePatch[]
}
