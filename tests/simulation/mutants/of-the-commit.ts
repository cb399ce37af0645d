import type { Mutant } from './mutant.ts'
import { growthUnasserted, placeUnasserted } from './second-lines.ts'

const loop = 'services/committer/src/commit-loop.ts'
const tableLog = 'services/committer/src/table-log.ts'
const entry = 'shared/delta/src/log/commit.ts'
const sent =
  'const outcome = await commitEntry(this.#deps.store, { version, actions, token, readBack: this.#options.readBack })'

/** How a version is made: the put, its answer, the base it stands on. */
export const mutantsOfTheCommit: readonly Mutant[] = [
  {
    name: 'put-not-conditional',
    invariant: 'I7',
    does: 'puts its version over whatever is there: the lease alone keeps two committers apart',
    patches: [
      {
        file: entry,
        find: 'const put = await store.putIfAbsent(key, body)',
        replace:
          'const put = { kind: "created" as "created" | "unknown", cause: undefined, ...(await store.put(key, body)) }',
      },
    ],
    breaks: ['I8a-unreadable', 'I2-lost', 'I3-gap'],
  },
  {
    name: 'blind-re-put',
    invariant: 'I6',
    does: 'puts the same body at the next version when the answer is lost',
    patches: [
      {
        file: tableLog,
        find: sent,
        replace:
          'let outcome = await commitEntry(this.#deps.store, { version, actions, token, readBack: this.#options.readBack })\n' +
          'if (outcome.kind === "unknown") outcome = await commitEntry(this.#deps.store, { version: version + 1, actions, token, readBack: this.#options.readBack })',
      },
    ],
    breaks: ['I2-twice', 'I3-overlap', 'I8a-unreadable', 'I5-pointer', 'I6-token-reused'],
  },
  {
    name: 'blind-re-put-after-conflict',
    invariant: 'I7',
    does: 'puts the same body at the next version after a conflict',
    patches: [
      {
        file: tableLog,
        find: sent,
        replace:
          'let outcome = await commitEntry(this.#deps.store, { version, actions, token, readBack: this.#options.readBack })\n' +
          'for (let at = version + 1; outcome.kind === "conflict"; at++) outcome = await commitEntry(this.#deps.store, { version: at, actions, token, readBack: this.#options.readBack })',
      },
    ],
    breaks: ['I2-twice', 'I3-overlap', 'I5-pointer', 'I5-projection-twice', 'I7-metadata-undone', 'I8-decreased'],
  },
  {
    name: 'unknown-taken-as-committed',
    invariant: 'I6',
    does: 'goes on as if a commit without an answer had landed',
    patches: [
      {
        file: tableLog,
        find: "if (outcome.kind !== 'committed') return outcome",
        replace: "if (outcome.kind === 'conflict') return outcome",
      },
    ],
    breaks: ['I8a-unreadable', 'I2-lost', 'I3-gap', 'L1-late'],
  },
  {
    name: 'conflict-taken-as-lost',
    invariant: 'I6',
    does: 'takes a conflict for another one’s version, without reading whose it is, and commits its units at the next',
    patches: [
      {
        file: tableLog,
        find: "if (outcome.kind !== 'committed') return outcome",
        replace:
          "if (outcome.kind === 'conflict') {\n      this.#state = Object.freeze({ ...this.#state, version })\n      this.#prove(began, reading)\n    }\n    if (outcome.kind !== 'committed') return outcome",
      },
      {
        file: entry,
        find: "if (tokenOf(key, found.body) !== token) return { kind: 'conflict' }",
        replace: "if (tokenOf(key, found.body) !== '') return { kind: 'conflict' }",
      },
    ],
    breaks: ['I2-twice', 'I3-overlap', 'I3-gap', 'I7-metadata-undone'],
  },
  {
    name: 'conflict-taken-as-own',
    invariant: 'I6',
    does: 'takes whatever stands at its version for its own body, without comparing the token',
    patches: [
      {
        file: entry,
        find: "if (tokenOf(key, found.body) !== token) return { kind: 'conflict' }",
        replace: "if (tokenOf(key, found.body) === '') return { kind: 'conflict' }",
      },
    ],
    breaks: ['I3-gap', 'I2-lost', 'I8a-unreadable', 'I5-projection-adds', 'I2-counts', 'L1-late'],
  },
  {
    name: 'token-reused',
    invariant: 'I6',
    does: 'prepares every body with the same token',
    patches: [
      { file: loop, find: 'const token = random.uuid()', replace: 'const token = (this.#token ??= random.uuid())' },
      { file: loop, find: '#closed = false', replace: '#token: string | undefined\n  #closed = false' },
    ],
    breaks: ['I6-token-reused'],
  },
  {
    name: 'files-deleted-after-unknown',
    invariant: 'I6',
    does: 'clears away the files of a commit that has no answer',
    patches: [
      {
        file: loop,
        find: "'a commit has no answer, reading the log',\n        )",
        replace:
          "'a commit has no answer, reading the log',\n        )\n" +
          'for (const { job } of group.units) for (const add of job.adds) await (stand.main.store as unknown as { remove(key: string): Promise<void> }).remove(decodeURIComponent(add.path)).catch(() => undefined)',
      },
      {
        file: 'shared/object-store/src/retrying-store.ts',
        find: 'async head(key: string)',
        replace:
          'remove(key: string): Promise<void> {\n    return (this.#inner as unknown as { remove(key: string): Promise<void> }).remove(key)\n  }\n\n  async head(key: string)',
      },
    ],
    breaks: ['I6-file-deleted', 'I10a-file-gone'],
  },
  {
    name: 'rebase-keeps-its-units',
    invariant: 'I7',
    does: 'commits the same group again after a conflict, without holding its units against what won',
    patches: [
      {
        file: loop,
        find: "building anew')\n        return this.#afterLoss()",
        replace: "building anew')\n        await stand.prepare()\n        return this.#commit(group)",
      },
      placeUnasserted,
      growthUnasserted,
    ],
    breaks: [
      'I9-narrowed',
      'I2-twice',
      'I3-overlap',
      'I3-gap',
      'I8-decreased',
      'I5-several-pending',
      'I12-committed-while-parked',
      'I12-committed-while-paused',
    ],
  },
  {
    name: 'base-not-proved',
    invariant: 'I8a',
    does: 'commits on a version however long ago it was known to be the newest',
    patches: [
      {
        file: tableLog,
        find: 'return msSince(this.#proved, this.#deps.clock, this.#deps.store) <= this.#options.baseProofMaxMs',
        replace: 'return msSince(this.#proved, this.#deps.clock, this.#deps.store) < Infinity',
      },
    ],
    breaks: ['I8a-unreadable'],
  },
  {
    name: 'age-by-the-steady-clock',
    invariant: 'I8a',
    does: 'ages proofs by the steady clock alone, which stands still while the machine sleeps',
    patches: [
      {
        file: 'shared/core/src/moment.ts',
        find: 'return Math.max(steadyMs - moment.steadyMs, wallMs - moment.wallMs, byStoreMs)',
        replace: 'return steadyMs - moment.steadyMs',
      },
    ],
    breaks: ['I8a-unreadable'],
  },
  {
    name: 'age-by-own-clocks',
    invariant: 'I8a',
    does: "ages proofs by the machine's own clocks alone, which both stand still while it is halted",
    patches: [
      {
        file: 'shared/core/src/moment.ts',
        find: 'return Math.max(steadyMs - moment.steadyMs, wallMs - moment.wallMs, byStoreMs)',
        replace: 'return Math.max(steadyMs - moment.steadyMs, wallMs - moment.wallMs)',
      },
    ],
    breaks: ['I8a-unreadable', 'L1-late'],
  },
  {
    name: 'base-proved-by-name',
    invariant: 'I8a',
    does: 'takes a missing N+1 for proof that N is the newest, without looking at N',
    patches: [
      {
        file: 'shared/delta/src/log/tail.ts',
        find: "if (base === undefined || state.commitDigest === undefined) return 'reload'\n  if (entryDigest(base.actions) !== state.commitDigest) return 'reload'",
        replace: 'if (base !== undefined) entryDigest(base.actions)',
      },
    ],
    breaks: ['I8a-unreadable'],
  },
  {
    name: 'checkpoint-loses-txn',
    invariant: 'I1',
    does: 'writes checkpoints without txn',
    patches: [
      {
        file: 'shared/delta/src/checkpoint/checkpoint-source.ts',
        find: '...[...replay.txns.values()].map((txn) => ({ txn })),',
        replace: '',
      },
    ],
    breaks: [
      'I3a-first',
      'I8-decreased',
      'I2-twice',
      'I5-several-pending',
      'I12-committed-while-paused',
      'L1-late',
      'table-check',
    ],
  },
  {
    name: 'checkpoint-loses-a-file',
    invariant: 'I2',
    does: 'writes checkpoints without the newest file',
    patches: [
      {
        file: 'shared/delta/src/checkpoint/checkpoint-source.ts',
        find: 'for (const view of touched.adds.freeze().views) yield',
        replace: 'for (const view of touched.adds.freeze().views.slice(1)) yield',
      },
    ],
    breaks: ['audit-broken', 'audit-incomplete', 'audit-failed', 'audit-lost', 'table-check'],
  },
]
