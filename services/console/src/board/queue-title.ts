import { parseQueueName } from '@silt/contracts'

export interface QueueTitle {
  readonly title: string
  readonly description: string
}

const neverKept =
  'Finished jobs are removed at once, so Completed and Failed stay empty: that is as it should be. Losing a job loses no event; it is planned again from the table.'

/** What the page calls a queue: `analytics-events: write jobs v1`. */
export function queueTitle(name: string): QueueTitle {
  const parsed = parseQueueName(name)
  if (parsed === undefined) return { title: name, description: 'Not a queue of this version of Silt.' }
  const { table, kind, version } = parsed
  const does =
    kind === 'write'
      ? 'Offset ranges that writers fetch from the source and turn into files.'
      : 'Files that the active committer puts into the next version of the table.'
  return { title: `${table}: ${kind} jobs v${version}`, description: `${does} ${neverKept}` }
}
