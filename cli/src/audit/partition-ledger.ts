import { parsePartitionAppId, partitionAppId, progressOf, type PartitionProgress } from '@silt/contracts'
import { OffsetSet } from './offset-set.ts'

/** What the audit has found of one partition under one topic id and restart. */
export interface PartitionLedger extends PartitionProgress {
  readonly topic: string
  readonly offsets: OffsetSet
  readonly countersPresent: boolean
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
    for (const progress of progressOf(txns, topic)) {
      ledgers.set(ledgerKey(topic, progress.topicId, progress.partition, progress.restart), {
        ...progress,
        topic,
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

/** A file without tags (rewritten by another engine) belongs to the newest restart. */
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

/** Counts a row's or dead letter's place. */
export function tick(ledger: PartitionLedger, offset: number, kind: 'rows' | 'deadLetters'): void {
  const outcome = ledger.offsets.add(offset)
  if (outcome === 'new') ledger[kind]++
  else if (outcome === 'duplicate') ledger.duplicates++
  // Dead letters at or above the pinned version's txn were recorded later: they are not this version's.
  else if (kind === 'rows' || offset < ledger.first) ledger.outside++
}
