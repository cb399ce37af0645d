import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const hotStoreConfig = fileURLToPath(new URL('../../deploy/compose/platform/bento/hot-store.yaml', import.meta.url))

/** What a record is to the mapping of a Bento configuration. */
export interface BentoMessage {
  readonly content: Buffer
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
}

/** What Bento is told to do, as far as whoever stands in for it needs to know. */
export interface BentoConfig {
  readonly brokers: readonly string[]
  readonly topics: readonly string[]
  readonly groupId: string
  readonly readUncommitted: boolean
  readonly batchCount: number
  readonly query: string
  /** The message after the mapping. */
  readonly map: (message: BentoMessage) => Readonly<Record<string, string | number>>
}

interface BentoFile {
  readonly input: {
    readonly kafka_franz: {
      readonly seed_brokers: readonly string[]
      readonly topics: readonly string[]
      readonly consumer_group: string
      readonly transaction_isolation_level: string
    }
  }
  readonly pipeline: { readonly processors: readonly [{ readonly mapping: string }] }
  readonly output: {
    readonly sql_raw: {
      readonly query: string
      readonly args_mapping: string
      readonly batching: {
        readonly count: number
        readonly processors: readonly [{ readonly archive: { readonly format: string } }]
      }
    }
  }
}

/** What the expressions of the mapping stand for (Bento: Bloblang functions, `kafka_franz` § Metadata). */
const expressions: Readonly<Record<string, (message: BentoMessage) => string | number>> = {
  'content().encode("base64")': ({ content }) => content.toString('base64'),
  '@kafka_topic': ({ topic }) => topic,
  '@kafka_partition': ({ partition }) => partition,
  '@kafka_offset': ({ offset }) => offset,
  '@kafka_timestamp_unix_ms': ({ timestampMs }) => timestampMs,
}

/** Reads `bento/hot-store.yaml`; throws on what it does not know, so that nothing of the file goes untested unseen. */
export function readBentoConfig(environment: Readonly<Record<string, string>>): BentoConfig {
  const file = parse(interpolated(readFileSync(hotStoreConfig, 'utf8'), environment)) as BentoFile
  const { kafka_franz: input } = file.input
  const { sql_raw: output } = file.output
  if (output.args_mapping !== 'root = [ content().string() ]') throw new Error(`unknown: ${output.args_mapping}`)
  if (output.batching.processors[0].archive.format !== 'json_array') throw new Error('batches are JSON arrays')
  const fields = file.pipeline.processors[0].mapping.trim().split('\n').map(assignment)
  return {
    brokers: input.seed_brokers.flatMap((each) => each.split(',')),
    topics: input.topics,
    groupId: input.consumer_group,
    readUncommitted: input.transaction_isolation_level !== 'read_committed',
    batchCount: output.batching.count,
    query: output.query,
    map: (message) => Object.fromEntries(fields.map(([name, value]) => [name, value(message)])),
  }
}

/** Bento's `${NAME}` and `${NAME:default}`. */
function interpolated(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)(?::([^}]*))?\}/g, (_, name: string, fallback?: string) => {
    const value = environment[name] ?? fallback
    if (value === undefined) throw new Error(`Bento needs ${name}`)
    return value
  })
}

function assignment(line: string): readonly [string, (message: BentoMessage) => string | number] {
  const [, name, expression] = /^root\.(\w+) = (.+)$/.exec(line.trim()) ?? []
  const value = expressions[expression ?? '']
  if (name === undefined || value === undefined) throw new Error(`unknown in the mapping: ${line}`)
  return [name, value]
}
