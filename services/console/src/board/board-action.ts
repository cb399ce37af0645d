/** What a request at the board's API would do. */
export type BoardAction =
  | { readonly kind: 'look' }
  /** An operator may do it. */
  | { readonly kind: 'act'; readonly action: string; readonly queue: string | null; readonly job: string | null }
  /** Nobody may, here. */
  | { readonly kind: 'not-offered' }

const queueActions: ReadonlySet<string> = new Set(['pause', 'resume', 'promote', 'empty'])
const jobActions: ReadonlySet<string> = new Set(['retry', 'clean', 'promote'])
const sweeps: ReadonlySet<string> = new Set(['retry', 'clean'])

/**
 * Judges a request by method and path below `/api`. What would make or change a job's content is not offered to anybody: a commit job says which
 * files belong to the table.
 */
export function boardAction(method: string, path: string): BoardAction {
  if (method === 'GET' || method === 'HEAD') return { kind: 'look' }
  const parts = path.split('/').slice(1).map(decoded)
  if (method !== 'PUT' || parts[0] !== 'queues') return { kind: 'not-offered' }
  const [, queue = '', second = '', third] = parts
  if (parts.length === 2 && (queue === 'pause' || queue === 'resume'))
    return { kind: 'act', action: `${queue}-all`, queue: null, job: null }
  if (parts.length === 3 && queueActions.has(second)) return { kind: 'act', action: second, queue, job: null }
  if (parts.length !== 4 || third === undefined) return { kind: 'not-offered' }
  if (sweeps.has(second)) return { kind: 'act', action: `${second}-all-${third}`, queue, job: null }
  return jobActions.has(third) ? { kind: 'act', action: third, queue, job: second } : { kind: 'not-offered' }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
