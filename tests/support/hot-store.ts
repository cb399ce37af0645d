import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { Deployment } from './deployment.ts'
import { runPython } from './python.ts'
import { withScratch } from './scratch.ts'

const schema = fileURLToPath(new URL('../../deploy/compose/platform/hot-store/schema.sql', import.meta.url))
const script = fileURLToPath(new URL('../conformance/rows_as_json.py', import.meta.url))
const insertRows = 2_000

/** Columns that both stores have under one name; `metadata` is compared as parsed JSON. */
const columns = [
  ...['"timestamp"', 'channel', 'platform', 'event_type', 'event_category', 'resource_id', 'resource_title'],
  ...['interaction_target', 'session_id', 'user_id', 'device_id', 'user_agent', 'client_version', 'interaction_value'],
  ...['interaction_text', 'metadata', '_topic', '_partition', '_offset', '_kafka_timestamp'],
].join(', ')

export interface HotStoreCounts {
  readonly events: number
  /** Deliveries of a record that was there already. */
  readonly repeated: number
  readonly rejected: number
}

export interface Difference {
  readonly hotRows: number
  readonly tableRows: number
  /** Rows that only one of the two has, the first few. */
  readonly onlyHot: readonly unknown[]
  readonly onlyTable: readonly unknown[]
}

/** A PostgreSQL with our schema, asked by SQL. */
export class HotStore {
  readonly #client: pg.Client

  private constructor(client: pg.Client) {
    this.#client = client
  }

  /** Makes the database where it is missing and runs `schema.sql` twice: it may be run again at any time. */
  static async open(url: string): Promise<HotStore> {
    await makeDatabase(url)
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    for (let round = 0; round < 2; round++) await client.query(readFileSync(schema, 'utf8'))
    return new HotStore(client)
  }

  async counts(topic: string): Promise<HotStoreCounts> {
    const { rows } = await this.#client.query<{ events: string; repeated: string; rejected: string }>(
      `SELECT count(*) AS events, coalesce(sum(deliveries - 1), 0) AS repeated,
              (SELECT count(*) FROM analytics_events_rejected WHERE _topic = $1) AS rejected
       FROM analytics_events WHERE _topic = $1`,
      [topic],
    )
    const [row] = rows
    return { events: Number(row?.events), repeated: Number(row?.repeated), rejected: Number(row?.rejected) }
  }

  /** Brings the rows of the Delta table, as delta-rs reads them, beside the hot store's and compares all columns by SQL, both ways. */
  async compareWith(target: Deployment): Promise<Difference> {
    await this.#client.query('CREATE TEMP TABLE lake (LIKE analytics_events)')
    await this.#client.query('ALTER TABLE lake ALTER COLUMN metadata TYPE text')
    await withScratch(async (folder) => {
      const path = join(folder, 'rows.ndjson')
      await runPython(script, [target.tableUri, path], target.readerEnvironment)
      await this.#insert(path)
    })
    const hot = `SELECT ${columns} FROM analytics_events WHERE _topic = $1`
    const table = `SELECT ${columns.replace('metadata', 'parsed_json(metadata)')} FROM lake WHERE _topic = $1`
    const ask = async (sql: string): Promise<readonly unknown[]> =>
      (await this.#client.query<Record<string, unknown>>(sql, [target.topic])).rows
    const count = async (of: string): Promise<number> =>
      Number((await ask(`SELECT count(*) FROM (${of}) AS rows`).then(([row]) => row as { count: string })).count)
    const difference = {
      hotRows: await count(hot),
      tableRows: await count(table),
      onlyHot: await ask(`(${hot}) EXCEPT ALL (${table}) LIMIT 3`),
      onlyTable: await ask(`(${table}) EXCEPT ALL (${hot}) LIMIT 3`),
    }
    await this.#client.query('DROP TABLE lake')
    return difference
  }

  async close(): Promise<void> {
    await this.#client.end()
  }

  async #insert(path: string): Promise<void> {
    let lines: string[] = []
    const flush = async (): Promise<void> => {
      const sql = 'INSERT INTO lake SELECT * FROM json_populate_recordset(NULL::lake, $1)'
      await this.#client.query(sql, [`[${lines.join(',')}]`])
      lines = []
    }
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity }))
      if (lines.push(line) >= insertRows) await flush()
    await flush()
  }
}

async function makeDatabase(url: string): Promise<void> {
  const database = new URL(url)
  const name = database.pathname.slice(1)
  database.pathname = '/postgres'
  const client = new pg.Client({ connectionString: database.href })
  await client.connect()
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
  if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
  await client.end()
}
