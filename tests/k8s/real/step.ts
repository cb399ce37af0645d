import type { Cluster } from './cluster.ts'

/** What a step works with: the cluster, and where it says what it saw. */
export interface StepParts {
  readonly cluster: Cluster
  readonly say: (line: string) => void
}

/** The error of something that must be refused; throws when it was let through. */
export async function refusal(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  throw new Error('it was let through')
}
