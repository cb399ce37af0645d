import { probeKey } from '@silt/contracts'
import type { Clock, ObjectStore, ParquetReader } from '@silt/core'
import { commitKey, loadState } from '@silt/delta'
import { probePutIfAbsent } from '@silt/object-store'
import { clockFinding } from './clock-finding.ts'
import { fail, ok, skip, type Finding } from './finding.ts'
import { commits, type Role } from './role.ts'
import type { Check } from './run-checks.ts'

export interface StoreCheckDeps {
  readonly store: ObjectStore
  readonly deadLetterStore: ObjectStore
  readonly reader: ParquetReader
  readonly clock: Clock
}

/** Everybody reads the log; committer and operator put into it. A writer's data file would stay, so none is put to try. */
export function storeChecks(deps: StoreCheckDeps, actors: readonly Role[]): readonly Check[] {
  const needs = ['store']
  return [
    { name: 'store', run: () => readable('store', deps.store) },
    {
      name: 'store dead letters',
      needs,
      run: () => readable('store dead letters', deps.deadLetterStore),
    },
    ...(commits(actors)
      ? [
          { name: 'store put', needs, run: () => putProbed(deps.store) },
          { name: 'store commit', needs: ['store put'], run: () => commitProbed(deps) },
        ]
      : []),
    ...(actors.includes('writer') && !commits(actors) ? [dataFilesNotTried] : []),
    { name: 'clock store', needs, run: () => clockCompared(deps) },
  ]
}

const dataFilesNotTried: Check = {
  name: 'store put',
  run: () =>
    Promise.resolve([
      skip('store put', 'not tried: a data file would stay; the first unit shows whether it may be put'),
    ]),
}

/** List and get, on the table's own log. */
async function readable(check: string, store: ObjectStore): Promise<readonly Finding[]> {
  for await (const _first of store.list('_delta_log/')) break
  await store.get('_delta_log/_last_checkpoint')
  return [ok(check, `${store.location} can be listed and read`)]
}

/** Puts the one key that Silt's own start puts as well. */
async function putProbed(store: ObjectStore): Promise<readonly Finding[]> {
  await probePutIfAbsent(store, probeKey)
  return [ok('store put', `may put, and a second put of the same name is refused (tried on ${probeKey})`)]
}

/**
 * Whether the log may be put into, without putting anything: the newest version again, with the bytes it has. A store that honours put-if-absent, as has
 * just been proved, refuses it because it is there; one that does not let us answers that instead.
 */
async function commitProbed({ store, reader }: StoreCheckDeps): Promise<readonly Finding[]> {
  const check = 'store commit'
  const state = await loadState(store, reader)
  if (state === undefined) return [skip(check, 'whether the log may be put into shows once the table is made')]
  const key = commitKey(state.version)
  const found = await store.get(key)
  if (found.kind === 'missing') return [skip(check, `version ${state.version} was cleaned away just now; look again`)]
  const put = await store.putIfAbsent(key, found.body)
  return put.kind === 'exists'
    ? [ok(check, `may put into the log (version ${state.version}, already there, was offered again and refused)`)]
    : [fail(check, `a put of ${key}, which was there, was answered ${put.kind}`, 'look again; silt table check')]
}

async function clockCompared({ store, clock }: StoreCheckDeps): Promise<readonly Finding[]> {
  const beganMs = clock.nowMs()
  await store.get('_delta_log/_last_checkpoint')
  const middleMs = (beganMs + clock.nowMs()) / 2
  const storeMs = store.newestAnswerMs()
  if (storeMs === undefined) return [skip('clock store', 'the store tells no time')]
  // A Date header has whole seconds.
  return [clockFinding('store', storeMs - middleMs, 1.5)]
}
