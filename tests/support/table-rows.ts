import { fileURLToPath } from 'node:url'
import type { Deployment } from './deployment.ts'
import { runPython } from './python.ts'

const script = (name: string): string => fileURLToPath(new URL(`../conformance/${name}`, import.meta.url))

export type Place = readonly [partition: number, offset: number]

/** These columns of every row, sorted, as delta-rs reads them. */
export async function tableRows<Row extends readonly unknown[]>(
  target: Deployment,
  columns: readonly string[],
): Promise<readonly Row[]> {
  const args = [target.tableUri, columns.join(',')]
  return (await runPython<{ readonly rows: readonly Row[] }>(script('rows.py'), args, target.readerEnvironment)).rows
}

/** Where the table's rows are from. */
export function rowPlaces(target: Deployment): Promise<readonly Place[]> {
  return tableRows<Place>(target, ['_partition', '_offset'])
}

/** Where librdkafka finds records. */
export async function topicPlaces(
  bootstrapServers: string,
  topic: string,
  isolation: 'read_committed' | 'read_uncommitted',
): Promise<readonly Place[]> {
  const args = [bootstrapServers, topic, isolation]
  return (await runPython<{ readonly places: readonly Place[] }>(script('topic_places.py'), args)).places
}
