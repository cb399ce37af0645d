import { parsePartitionAppId, partitionAppId, progressOf, type PartitionProgress } from '@silt/contracts'
import { OffsetSet } from './offset-set.ts'

/** What the audit has found of one partition under one topic id and restart. */
export interface PartitionLedger extends PartitionProgress {
  readonly topic: string
  readonly offsets: OffsetSet
  readonly countersPresent: boolean
  /** The ledger of the restart before: the same offsets may be in both. */
  readonly earlier: PartitionLedger | undefined
  rows: number
  deadLetters: number
  duplicates: number
  outside: number
}

function ledgerKey(topic: string, topicId: string | null, partition: number, restart: number): string {
  return JSON.stringify([topic, topicId, partition, restart])
}

/** An empty ledger for every partition the table has progress for, by `ledgerKey`. */
export function progressLedgers(txns: ReadonlyMap<string, number>): ReadonlyMap<string, PartitionLedger> {
  const topics = new Set([...txns.keys()].flatMap((appId) => parsePartitionAppId(appId)?.key.topic ?? []))
  const ledgers = new Map<string, PartitionLedger>()
  for (const topic of topics) {
    const ascending = [...progressOf(txns, topic)].sort((a, b) => a.restart - b.restart)
    for (const progress of ascending) {
      const { topicId, partition, restart } = progress
      ledgers.set(ledgerKey(topic, topicId, partition, restart), {
        ...progress,
        topic,
        earlier: ledgers.get(ledgerKey(topic, topicId, partition, restart - 1)),
        offsets: new OffsetSet(progress.first, progress.next),
        countersPresent: txns.has(partitionAppId('silt-first', { ...progress, topic })),
        rows: 0,
        deadLetters: 0,
        duplicates: 0,
        outside: 0,
      })
    }
  }
  return ledgers
}

/** `restart` undefined: the newest. */
export function findLedger(
  ledgers: ReadonlyMap<string, PartitionLedger>,
  topic: unknown,
  topicId: unknown,
  partition: number,
  restart: number | undefined,
): PartitionLedger | undefined {
  if (typeof topic !== 'string') return undefined
  const id = typeof topicId === 'string' ? topicId : null
  if (restart !== undefined) return ledgers.get(ledgerKey(topic, id, partition, restart))
  for (let newest: PartitionLedger | undefined, n = 0; ; n++) {
    const each = ledgers.get(ledgerKey(topic, id, partition, n))
    if (each === undefined) return newest
    newest = each
  }
}

/**
 * Counts the place of a row or dead letter whose file has no tags: one that another engine made of several, of any restart. It belongs to the newest
 * that lacks it, once everything with tags is counted; so each offset must be there as often as there are restarts that hold it.
 */
export function tickUntagged(newest: PartitionLedger, offset: number, kind: 'rows' | 'deadLetters'): void {
  let holder: PartitionLedger | undefined
  for (let each: PartitionLedger | undefined = newest; each !== undefined; each = each.earlier) {
    const outcome = each.offsets.add(offset)
    if (outcome === 'new') {
      each[kind]++
      return
    }
    if (outcome === 'duplicate') holder ??= each
  }
  tick(holder ?? newest, offset, kind)
}

/** Counts a row's or dead letter's place. */
export function tick(ledger: PartitionLedger, offset: number, kind: 'rows' | 'deadLetters'): void {
  const outcome = ledger.offsets.add(offset)
  if (outcome === 'new') ledger[kind]++
  else if (outcome === 'duplicate') ledger.duplicates++
  // Dead letters at or above the pinned version's txn were recorded later: they are not this version's.
  else if (kind === 'rows' || offset < ledger.first) ledger.outside++
}
