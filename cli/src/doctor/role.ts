import { shutdownOrder, type ActorName } from '../compose/process-parts.ts'

/** Whose needs are looked at: an actor's, or those of whoever runs silt's commands. */
export type Role = ActorName | 'operator'

export const roles: readonly Role[] = [...shutdownOrder, 'operator']

/** What one process needs that runs all actors. */
export const allActors: readonly Role[] = shutdownOrder

/** The committer takes what others read, without the source. */
export function readsSource(asked: readonly Role[]): boolean {
  return asked.some((role) => role !== 'committer')
}

/** Ends of partitions and progress: the ingestor plans by them, the operator decides by them. */
export function looksAtPartitions(asked: readonly Role[]): boolean {
  return asked.includes('ingestor') || asked.includes('operator')
}

export function commits(asked: readonly Role[]): boolean {
  return asked.includes('committer') || asked.includes('operator')
}
