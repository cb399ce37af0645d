import type {
  Consumption,
  JobQueue,
  Lease,
  Membership,
  ObjectRemoval,
  ObjectStore,
  QueueProvider,
  Source,
} from '@silt/core'

/**
 * What becomes of a method of a port in the sweep: `asked` by these operations, each of which must be swept; or it is no request of an actor's, and
 * `because` says why there is nothing to die at.
 */
export type PortMethod = { readonly asked: readonly string[] } | { readonly because: string }

type MethodsOf<Port> = {
  readonly [Name in keyof Port]-?: NonNullable<Port[Name]> extends (...given: never[]) => unknown ? Name : never
}[keyof Port]
type Held<Port> = Readonly<Record<MethodsOf<Port>, PortMethod>>

const composed: PortMethod = { because: 'the composition root asks it, before the actor begins or after it has ended' }

/** Every method of every port over which an actor reaches another machine: one more in `@silt/core` and this no longer compiles. */
export const portMethods = {
  ObjectStore: {
    get: { asked: ['store.get'] },
    head: { asked: ['store.head'] },
    put: { asked: ['store.put'] },
    putIfAbsent: { asked: ['store.putIfAbsent'] },
    list: { asked: ['store.list'] },
    newestAnswerMs: { because: 'answers from memory' },
    close: composed,
  },
  ObjectRemoval: {
    remove: { because: 'upkeep is handed it, no actor; the tests of cleaning a log die at each removal' },
  },
  JobQueue: {
    add: { asked: ['queue.add'] },
    consume: { asked: ['queue.take', 'queue.finish', 'queue.fail'] },
    onResult: { because: 'only listens; what it does not hear is a lost hint, which every death is too' },
    depth: { because: 'metrics and the console ask it, no actor' },
    close: composed,
  },
  Consumption: {
    stop: { because: 'asks nothing of its own: the ends of running jobs, which are swept, and then letting go' },
  },
  QueueProvider: { open: composed, lease: composed, close: composed },
  Lease: { hold: { asked: ['lease.hold'] }, release: { asked: ['lease.release'] } },
  Source: {
    partitions: { asked: ['source.partitions'] },
    checkReadable: composed,
    ends: { asked: ['source.ends'] },
    highWatermarks: { asked: ['source.highWatermarks'] },
    offsetAtTime: { asked: ['source.offsetAtTime'] },
    read: { asked: ['source.fetch'] },
    close: composed,
  },
  Membership: {
    run: { because: 'joins and then only listens; a death after joining is one before the next request' },
    report: { asked: ['group.report'] },
  },
} as const satisfies {
  readonly ObjectStore: Held<ObjectStore>
  readonly ObjectRemoval: Held<ObjectRemoval>
  readonly JobQueue: Held<JobQueue>
  readonly Consumption: Held<Consumption>
  readonly QueueProvider: Held<QueueProvider>
  readonly Lease: Held<Lease>
  readonly Source: Held<Source>
  readonly Membership: Held<Membership>
}

/** Ports that reach no other machine, or only by an `ObjectStore`: what they do dies with the process. */
export const portsWithin: readonly string[] = Object.freeze([
  'ByteSource',
  'OpenParquetFile',
  'ParquetFileWriter',
  'EncodeSession',
  'UnitEncoder',
  'ParquetWriter',
  'ParquetReader',
  'Log',
  'Metrics',
  'Traces',
])

/** The operations that the ports' methods ask. */
export function askedOperations(): readonly string[] {
  const ports: Readonly<Record<string, Readonly<Record<string, PortMethod>>>> = portMethods
  const methods = Object.values(ports).flatMap((port) => Object.values(port))
  return [...new Set(methods.flatMap((method) => ('asked' in method ? method.asked : [])))].toSorted()
}
