import type { Metadata } from '../actions/action.ts'

/** Table properties of `metaData.configuration`, with the defaults other engines use. */

const msPerUnit: Readonly<Record<string, number>> = {
  microsecond: 0.001,
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
}

const deletedFileRetentionDefaultMs = 604_800_000

/** How long a removed file stays on storage, ms: `delta.deletedFileRetentionDuration`, default one week; nonsense reads as the default. */
export function deletedFileRetentionMs(metadata: Metadata): number {
  return intervalMs(metadata.configuration['delta.deletedFileRetentionDuration']) ?? deletedFileRetentionDefaultMs
}

/** Commits between checkpoints: `delta.checkpointInterval`, default 100. */
export function checkpointInterval(metadata: Metadata): number {
  const interval = Number(metadata.configuration['delta.checkpointInterval'] ?? 100)
  return Number.isSafeInteger(interval) && interval > 0 ? interval : 100
}

/** `interval 1 week`, `interval 2 days 12 hours`; undefined for anything else (months have no length). */
export function intervalMs(text: string | undefined): number | undefined {
  const words = text?.trim().toLowerCase().split(/\s+/) ?? []
  if (words[0] === 'interval') words.shift()
  if (words.length === 0 || words.length % 2 !== 0) return undefined
  let ms = 0
  for (let index = 0; index < words.length; index += 2) {
    const unitMs = msPerUnit[(words[index + 1] as string).replace(/s$/, '')]
    const count = Number(words[index])
    if (unitMs === undefined || !Number.isFinite(count) || count < 0) return undefined
    ms += count * unitMs
  }
  return ms
}
