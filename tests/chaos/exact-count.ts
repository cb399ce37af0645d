/** What the producer knows of an event: acknowledged alone, its transaction committed or aborted, or it cannot tell. */
export type Outcome = 'acked' | 'committed' | 'aborted' | 'unknown'

export interface Placed {
  readonly partition: number
  readonly offset: number
  readonly id: string
}

export interface ExactCount {
  readonly promised: number
  readonly aborted: number
  readonly unknown: number
  /** Of the unknown, those that turned out to be in the topic. */
  readonly unknownInTopic: number
  readonly inTopic: number
  readonly inTable: number
  /** Promised by the brokers and not in the topic, or aborted or doubled and in it: a fault of the brokers, the load or this test. */
  readonly topicFaults: readonly string[]
  /** In the topic and not in the table. */
  readonly lost: readonly string[]
  /** More than once in the table. */
  readonly twice: readonly string[]
  /** In the table and not in the topic under this id and place: an aborted event, another one's bytes. */
  readonly foreign: readonly string[]
}

const shownMax = 20

/**
 * Compares what a producer was told, what a foreign reader finds in the topic under read_committed, and what a foreign engine finds in the table
 * and its dead letters. The producer's word decides what must be there; where it has none, the topic does.
 */
export function countExactly(
  ledger: ReadonlyMap<string, Outcome>,
  topic: readonly Placed[],
  table: readonly Placed[],
): ExactCount {
  const readable = new Map<string, string>()
  const topicFaults: string[] = []
  for (const record of topic) {
    const outcome = ledger.get(record.id)
    if (readable.has(record.id)) topicFaults.push(`twice in the topic: ${record.id}`)
    if (outcome === 'aborted') topicFaults.push(`aborted, yet readable: ${record.id}`)
    if (outcome === undefined) topicFaults.push(`nobody sent it: ${record.id}`)
    readable.set(record.id, placeOf(record))
  }
  const totals = { acked: 0, committed: 0, aborted: 0, unknown: 0, unknownInTopic: 0 }
  for (const [id, outcome] of ledger) {
    totals[outcome]++
    if (outcome === 'unknown' && readable.has(id)) totals.unknownInTopic++
    if ((outcome === 'acked' || outcome === 'committed') && !readable.has(id))
      topicFaults.push(`promised, yet not readable: ${id}`)
  }
  const found = new Set<string>()
  const [twice, foreign]: [string[], string[]] = [[], []]
  for (const row of table) {
    if (found.has(row.id)) twice.push(row.id)
    if (readable.get(row.id) !== placeOf(row)) foreign.push(`${row.id} at ${placeOf(row)}`)
    found.add(row.id)
  }
  const lost = [...readable.keys()].filter((id) => !found.has(id))
  return {
    promised: totals.acked + totals.committed,
    aborted: totals.aborted,
    unknown: totals.unknown,
    unknownInTopic: totals.unknownInTopic,
    inTopic: topic.length,
    inTable: table.length,
    topicFaults,
    lost,
    twice,
    foreign,
  }
}

/** A list for people: how many, and the first of them. */
export function described(ids: readonly string[]): string {
  return ids.length === 0
    ? '0'
    : `${ids.length} (${ids.slice(0, shownMax).join(', ')}${ids.length > shownMax ? ', …' : ''})`
}

function placeOf({ partition, offset }: Placed): string {
  return `${partition}:${offset}`
}
