/**
 * Takes objects of a store away. It is no part of `ObjectStore`: an actor cannot delete with what it is handed, and only upkeep is handed this.
 *
 * Errors: those of `ObjectStore`.
 */
export interface ObjectRemoval {
  /** Removes the object; one that is not there is as good as removed. Idempotent, also after a lost answer. */
  remove(key: string): Promise<void>
}
