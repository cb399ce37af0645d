/** The actors a chaos run has, by the names their processes go under. */
export const squadSizes = { ingestor: 3, writer: 4, committer: 2 } as const

export type ActorKind = keyof typeof squadSizes

export const brokerCount = 3

type Actor = 'ingestor' | 'writer' | 'committer' | 'any'

/**
 * What one kind of fault does. Times in ms; a kind that is over at once has none.
 * - `kill`: SIGKILL; a supervisor starts a new process. `freeze`: SIGSTOP, later SIGCONT: a zombie that does not know how long it was away.
 * - `broker`: killed, told to end (its leaders move first), or stopped by SIGSTOP. `server`: killed, and later started with its data.
 * - `flush`: Redis loses every key.
 * - `link`: what happens to the connections of one actor, or of all, with a server. `cut`: they end, new ones too. `delay`: bytes come late.
 *   `swallow`: requests arrive, answers do not; then the connections end.
 */
export type FaultRule = { readonly lastsMs: { readonly least: number; readonly most: number } } & (
  | { readonly act: 'kill' | 'freeze'; readonly on: Actor }
  | { readonly act: 'broker'; readonly how: 'kill' | 'stop' | 'freeze' }
  | { readonly act: 'server'; readonly server: 'redis' | 'minio' }
  | { readonly act: 'flush' }
  | { readonly act: 'link'; readonly server: Server; readonly how: 'cut' | 'delay' | 'swallow' }
)

export type Server = 'redis' | 'minio' | 'kafka'

const atOnce = { least: 0, most: 0 }
// Beyond the lease (3 s), a job's lock (3 s), a broker's answer (5 s), the group's session (6 s), a broker's session (9 s) and a silent Redis (10 s).
const frozen = { least: 12_000, most: 18_000 }
const down = { least: 1_000, most: 6_000 }
const cut = { least: 2_000, most: 6_000 }
const slow = { least: 5_000, most: 10_000 }
const mute = { least: 3_000, most: 9_000 }

export const faultRules = {
  'kill-ingestor': { act: 'kill', on: 'ingestor', lastsMs: atOnce },
  'kill-writer': { act: 'kill', on: 'writer', lastsMs: atOnce },
  'kill-committer': { act: 'kill', on: 'committer', lastsMs: atOnce },
  'freeze-ingestor': { act: 'freeze', on: 'ingestor', lastsMs: frozen },
  'freeze-writer': { act: 'freeze', on: 'writer', lastsMs: frozen },
  'freeze-committer': { act: 'freeze', on: 'committer', lastsMs: frozen },
  // Beyond the store's 30 s, a held unit's 30 s, and the 60 s for which the newest version needs no fresh proof.
  'freeze-for-long': { act: 'freeze', on: 'any', lastsMs: { least: 62_000, most: 66_000 } },
  'kill-broker': { act: 'broker', how: 'kill', lastsMs: { least: 1_000, most: 8_000 } },
  'stop-broker': { act: 'broker', how: 'stop', lastsMs: { least: 1_000, most: 8_000 } },
  'freeze-broker': { act: 'broker', how: 'freeze', lastsMs: frozen },
  'restart-redis': { act: 'server', server: 'redis', lastsMs: down },
  'flush-redis': { act: 'flush', lastsMs: atOnce },
  'restart-minio': { act: 'server', server: 'minio', lastsMs: down },
  'cut-redis': { act: 'link', server: 'redis', how: 'cut', lastsMs: cut },
  'cut-minio': { act: 'link', server: 'minio', how: 'cut', lastsMs: cut },
  'cut-kafka': { act: 'link', server: 'kafka', how: 'cut', lastsMs: cut },
  'delay-redis': { act: 'link', server: 'redis', how: 'delay', lastsMs: slow },
  'delay-minio': { act: 'link', server: 'minio', how: 'delay', lastsMs: slow },
  'delay-kafka': { act: 'link', server: 'kafka', how: 'delay', lastsMs: slow },
  'swallow-redis': { act: 'link', server: 'redis', how: 'swallow', lastsMs: mute },
  'swallow-minio': { act: 'link', server: 'minio', how: 'swallow', lastsMs: mute },
  'swallow-kafka': { act: 'link', server: 'kafka', how: 'swallow', lastsMs: mute },
} as const satisfies Readonly<Record<string, FaultRule>>

export type FaultKind = keyof typeof faultRules

export const faultKinds = Object.keys(faultRules) as readonly FaultKind[]

/** The rule of a kind, as any rule. */
export function ruleOf(kind: FaultKind): FaultRule {
  return faultRules[kind]
}

/** Names of the processes of one kind of actor, or of all. */
export function actorNames(kind: ActorKind | 'any'): readonly string[] {
  const kinds = kind === 'any' ? (Object.keys(squadSizes) as readonly ActorKind[]) : [kind]
  return kinds.flatMap((each) => Array.from({ length: squadSizes[each] }, (_, index) => `${each}-${index}`))
}
