import { systemClock, systemRandom, type ObjectStore } from '@silt/core'
import { openStore } from '@silt/object-store'
import type { Deployment } from './deployment.ts'

/** The folder of a deployment's table, to be closed by the caller. */
export function tableStore({ environment, tableUri }: Deployment): ObjectStore {
  const credentials = {
    accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
  }
  const s3 = {
    endpoint: environment['AWS_ENDPOINT_URL'],
    region: environment['AWS_REGION'] ?? '',
    allowHttp: true,
    credentials,
  }
  return openStore(tableUri, s3, { clock: systemClock, random: systemRandom })
}

/** How many data files lie in the table's folder, whether the log knows them or not. */
export async function countDataFiles(target: Deployment): Promise<number> {
  const store = tableStore(target)
  try {
    let count = 0
    for await (const { key } of store.list('')) if (/^(?!_).*\.parquet$/.test(key)) count++
    return count
  } finally {
    await store.close()
  }
}
