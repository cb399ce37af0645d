import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { EmbeddedTable } from '../support/embedded-table.ts'
import { runPython } from '../support/python.ts'
import { withScratch } from '../support/scratch.ts'
import { killAllSilt } from '../support/silt-process.ts'

const script = fileURLToPath(new URL('rules_with_spark.py', import.meta.url))
const statement = `
  CREATE TABLE events (
    timestamp TIMESTAMP, channel STRING, user_id STRING,
    amount DECIMAL(10,2) DEFAULT 0.50,
    day DATE GENERATED ALWAYS AS (CAST(timestamp AS DATE)),
    y INT GENERATED ALWAYS AS (year(timestamp)),
    label STRING GENERATED ALWAYS AS (concat(channel, '/', date_format(timestamp, 'yyyy-MM'))),
    CONSTRAINT positive CHECK (amount >= 0),
    CONSTRAINT known CHECK (channel IN ('web', 'app', 'unknown'))
  ) USING DELTA PARTITIONED BY (y)`

afterAll(killAllSilt)

test('rows that rules let in meet them by Spark, which appends under the same rules; Silt goes on, and the audit proves all of it', () =>
  withScratch(async (folder) => {
    const table = new EmbeddedTable(folder)
    await writeFile(join(folder, 'table.sql'), statement)
    await done(table, 'table', 'create', table.tablePath, '--schema', join(folder, 'table.sql'))
    await table.append(0, [
      '{"timestamp":"2026-03-01T10:00:00Z","channel":"web","user_id":"filled"}',
      '{"timestamp":"2025-12-31T23:59:59.999999Z","channel":"app","user_id":"given","amount":7,"day":"2025-12-31","y":2025,"label":"app/2025-12"}',
      '{"timestamp":"2026-03-01T10:00:00Z","channel":"web","user_id":"negative","amount":-0.01}',
      '{"timestamp":"2026-03-01T10:00:00Z","channel":"web","user_id":"null","amount":null}',
      '{"timestamp":"2026-03-01T10:00:00Z","channel":"fax","user_id":"fax"}',
      '{"timestamp":"2026-03-01T10:00:00Z","user_id":"another day","day":"2026-03-02"}',
      '{"timestamp":"2026-03-01T10:00:00Z","user_id":"another label","label":null}',
      '{"user_id":"no time, no channel","amount":1}',
    ])
    await done(table, 'table', 'adopt', '--start-from', 'earliest')
    await table.settle()

    const answer = await runPython<unknown>(
      script,
      [table.tablePath, given('SILT_TEST_SPARK_JARS')],
      {},
      given('SILT_TEST_SPARK_PYTHON'),
    )
    expect(answer).toEqual({
      rows: 3,
      breaking: 0,
      appended: [['0.50', '2026-06-01', '2026', 'web/2026-06']],
      refused: 'DELTA_VIOLATE_CONSTRAINT_WITH_VALUES',
    })

    await table.append(0, ['{"timestamp":"2027-03-01T10:00:00Z","user_id":"later"}'])
    await table.settle()
    const rows = (await done(table, 'table', 'cat'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(rows.map((row) => [row['user_id'], row['amount'], row['y']]).toSorted()).toEqual([
      ['by Spark', '0.50', 2026],
      ['filled', '0.50', 2026],
      ['given', '7.00', 2025],
      ['later', '0.50', 2027],
      ['no time, no channel', '1.00', new Date().getUTCFullYear()],
    ])
    await table.expectSound()
    expect(await done(table, 'audit')).toContain('4 rows and 5 dead letters')
  }))

async function done(table: EmbeddedTable, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await table.silt(...args)
  expect(code, `silt ${args.join(' ')}: ${stdout.slice(-2000)}${stderr}`).toBe(0)
  return stdout
}

function given(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: \`npm test -- spark\` prepares what this needs`)
  return value
}
