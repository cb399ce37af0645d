import type { Mutant } from './mutant.ts'

const planner = 'services/ingestor/src/planner.ts'
const events = 'services/ingestor/src/plan-events.ts'
const ingestor = 'services/ingestor/src/ingestor-loop.ts'
const assess = 'services/ingestor/src/assess-partition.ts'
const puts = 'services/writer/src/put-files.ts'
const unit = 'services/writer/src/write-unit.ts'
const reading = 'services/writer/src/read-unit.ts'

/** What is planned and what is written. */
export const mutantsOfIngestorAndWriter: readonly Mutant[] = [
  {
    name: 'no-re-plan-timer',
    invariant: 'L1',
    does: 'plans an unmoved partition once: what Redis loses is never asked for again',
    patches: [
      {
        file: planner,
        find: 'const replanned = replanUnmoved(draft)',
        replace: 'const replanned = [draft].flatMap(() => [] as number[])',
      },
    ],
    breaks: ['L1-late'],
  },
  {
    name: 'holes-left',
    invariant: 'L1',
    does: 'does not plan again what stale and short units left',
    patches: [
      {
        file: planner,
        find: 'for (const hole of holesOf(draft.state, each)) {',
        replace: 'for (const hole of holesOf(draft.state, each).slice(0, 0)) {',
      },
    ],
    breaks: ['L1-late'],
  },
  {
    name: 'txn-from-memory',
    invariant: 'I1',
    does: 'reads the log once and then goes by the notices of the queue',
    patches: [
      {
        file: ingestor,
        find: 'const isLogDue = this.#isRefreshWanted || isNewGeneration || nowMs - this.#view.readMs >= this.#refreshMs()',
        replace:
          'const isLogDue = this.#view.state === undefined && nowMs - this.#view.readMs >= this.#refreshMs() - 1e12',
      },
    ],
    breaks: ['L1-late'],
  },
  {
    name: 'notices-believed',
    invariant: 'I1',
    does: 'takes a notice for the truth: a job dropped as stale is said to be in, and the log is not asked',
    patches: [
      {
        file: 'services/committer/src/job-answers.ts',
        find: 'const ranges = job.kind === ',
        replace:
          "if (job.kind === 'unit') for (const range of job.ranges) txn.push([String(range.partition), range.endExclusive])\n  const ranges = job.kind === ",
      },
      {
        file: events,
        find: 'if (plan !== undefined && plan.nextVersion > version) continue',
        replace: 'if (plan !== undefined && plan.next >= truth.next) continue',
      },
    ],
    breaks: ['L1-late'],
  },
  {
    name: 'retention-gap-skipped',
    invariant: 'I3',
    does: 'plans on from where the source starts, when what lies below has fallen out of retention',
    patches: [
      {
        file: assess,
        find: 'if (progress.next < ends.logStart)',
        replace:
          "if (progress.next < ends.logStart) return { kind: 'ok', progress: { ...progress, next: ends.logStart } }\n  if (progress.next < -1)",
      },
    ],
    breaks: ['L1-late', 'I3-gap'],
  },
  {
    name: 'starts-at-latest',
    invariant: 'I3a',
    does: 'begins every partition at its readable end',
    patches: [
      {
        file: 'services/ingestor/src/start-from.ts',
        find: "case 'earliest':\n      return ends.logStart",
        replace: "case 'earliest':\n      return ends.readableEnd",
      },
    ],
    breaks: ['I3a-late'],
  },
  {
    name: 'shared-unit-ahead',
    invariant: 'L1a',
    does: 'shares a unit among partitions that are ahead of txn: units wait for each other',
    patches: [
      {
        file: planner,
        find: '.filter((each) => each.planned === each.next && waitingOffsets(each) > 0)',
        replace: '.filter((each) => waitingOffsets(each) > 0)',
      },
      {
        file: planner,
        find: 'ranges.push({ partition: each.partition, start: each.next, endExclusive: each.next + take, restart: each.restart })',
        replace:
          'ranges.push({ partition: each.partition, start: each.planned, endExclusive: each.planned + take, restart: each.restart })',
      },
      { file: planner, find: 'left.length === 0 || hasSmallInFlight(draft.state) ||', replace: 'left.length === 0 ||' },
    ],
    breaks: ['L1a-shared-ahead'],
  },
  {
    name: 're-plan-with-new-boundaries',
    invariant: 'L1a',
    does: 'cuts an unmoved partition anew each time it is planned again',
    elusive:
      'takes an ingestor that plans again without having heard of anything; schedules of an earlier set met it (L1a-new-boundaries), the present ones have not yet within 1000',
    patches: [{ file: planner, find: 'if (unit.short) draft.state', replace: 'if (unit.attempts > 0) draft.state' }],
    breaks: ['L1a-new-boundaries'],
  },
  {
    name: 'held-without-deadline',
    invariant: 'L1',
    does: 'keeps units ahead of a gap, and stale ones, for ever',
    patches: [
      {
        file: 'services/committer/src/triage.ts',
        find: 'expiryMs(unit, times) <= times.nowMs)',
        replace: 'expiryMs(unit, times) < 0)',
      },
      {
        file: 'services/committer/src/ledger.ts',
        find: "if (behind) return { kind: 'stale', reason: 'behind' }",
        replace: "if (behind) return { kind: 'held' }",
      },
    ],
    breaks: ['L1-late'],
  },
  {
    name: 'behind-and-written',
    invariant: 'L1a',
    does: 'fetches and writes jobs that are behind txn',
    patches: [
      {
        file: 'services/writer/src/judge-job.ts',
        find: 'if (range.start < progress.next)',
        replace: 'if (range.start < -1)',
      },
    ],
    breaks: ['L1a-behind-written'],
  },
  {
    name: 'topic-id-unchecked-after-fetching',
    invariant: 'I13',
    does: 'checks the topic id before fetching only',
    patches: [
      {
        file: unit,
        find: 'if (reading.isUnchecked) await requireSameTopic(deps.source, job, ranges)',
        replace: 'if (reading.isUnchecked && ranges.length < 0) await requireSameTopic(deps.source, job, ranges)',
      },
    ],
    breaks: ['I13-topic-id'],
  },
  {
    name: 'put-not-awaited',
    invariant: 'I4',
    does: 'publishes the commit job without waiting for its files to be put',
    patches: [
      {
        file: puts,
        find: 'const { storeTimeMs } = await store.put(path, file.bytes)',
        replace:
          'void store.put(path, file.bytes).catch(() => undefined)\n  const storeTimeMs = store.newestAnswerMs() ?? clock.nowMs()',
      },
    ],
    breaks: ['I4-file-not-there', 'I10a-file-gone'],
  },
  {
    name: 'failed-put-taken-as-put',
    invariant: 'I6',
    does: 'takes a put without an answer for done',
    patches: [
      {
        file: puts,
        find: 'const { storeTimeMs } = await store.put(path, file.bytes)',
        replace:
          'const { storeTimeMs } = await store.put(path, file.bytes).catch(() => ({ storeTimeMs: store.newestAnswerMs() ?? clock.nowMs() }))',
      },
    ],
    breaks: ['I4-file-not-there', 'I10a-file-gone'],
  },
  {
    name: 'file-names-reused',
    invariant: 'I6',
    does: 'names files by their unit alone: a second run puts over what the first one’s commit refers to',
    patches: [
      {
        file: puts,
        find: 'dataFilePath(unit.unitId, random.uuid(), ',
        replace: "dataFilePath(unit.unitId, '00000000-0000-4000-8000-000000000000', ",
      },
    ],
    breaks: ['I2-counts', 'I2-lost', 'I9-schema-mismatch', 'table-check', 'I2-twice', 'I6-file-replaced'],
  },
  {
    name: 'short-unit-claims-all',
    invariant: 'I2',
    does: 'says of a range that was read in part that it was read to its end',
    patches: [
      {
        file: reading,
        find: 'for (const [index, { partition, start }] of',
        replace: 'for (const [index, { partition, start, endExclusive: asked }] of',
      },
      {
        file: reading,
        find: 'ranges.push({ partition, start, endExclusive: reading.end })',
        replace: 'ranges.push({ partition, start, endExclusive: asked })',
      },
    ],
    breaks: ['I2-lost'],
  },
  {
    name: 'dead-letters-not-sent',
    invariant: 'I5',
    does: 'puts dead letters and does not tell the committer of them',
    patches: [
      { file: unit, find: 'deadLetterAdds: dead.adds,', replace: 'deadLetterAdds: dead.adds.slice(dead.adds.length),' },
    ],
    breaks: ['I4-txn-without-add', 'I2-lost'],
  },
  {
    name: 'log-followed-for-ever',
    invariant: 'I8a',
    does: 'never reads the log from a checkpoint again: what was cleaned away while it slept is waited for',
    patches: [
      {
        file: 'shared/delta/src/snapshot/followed-table.ts',
        find: 'read === undefined || msSince(read, clocks, store) > provedMsMax',
        replace: 'read === undefined || msSince(read, clocks, store) > Infinity',
      },
    ],
    breaks: ['L1-late'],
  },
]
