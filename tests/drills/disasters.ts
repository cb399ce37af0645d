import { Kafka, logLevel } from 'kafkajs'
import { sendSigned, startServers } from '../servers/index.ts'
import { auditReport } from '../support/audit-report.ts'
import { deployment, startActors, type Deployment } from '../support/deployment.ts'
import { settled } from '../support/partition-status.ts'
import { killAllSilt, silt, type SiltProcess } from '../support/silt-process.ts'
import { tableStore } from '../support/table-store.ts'
import { createTopic, deleteRecordsBelow, deleteTopic } from '../support/topics.ts'

// The disasters of docs/operations.md, made to happen on real servers and mended with its commands: `npm run drill --workspace tests`,
// one of them by a part of its title.
const wanted = process.argv[2] ?? ''

const servers = await startServers({ kafka: {}, redis: {}, minio: {} })
const { bootstrapServers } = servers.settings.kafka
const settleMsMax = 300_000
let failures = 0

/** `table` names its folder, group and queues. */
function place(topic: string, table = topic): Deployment {
  const target = deployment(servers.settings, topic, { BATCH_TIMEOUT_SECONDS: '0.5', KAFKA_GROUP_ID: `silt-${table}` })
  return at(target, table)
}

/** The same deployment with its table elsewhere. */
function at(target: Deployment, table: string): Deployment {
  const tableUri = `s3://${servers.settings.minio.bucket}/${table}`
  return { ...target, tableUri, environment: { ...target.environment, DELTA_TABLE_PATH: tableUri } }
}

const start = (target: Deployment): SiltProcess[] => startActors(target, { ingestor: 1, writer: 2, committer: 2 })

async function stop(processes: readonly SiltProcess[]): Promise<void> {
  const codes = await Promise.all(processes.map((each) => each.terminate()))
  say(`stopped, exit codes ${codes.join(' ')}`)
}

/** Events to both partitions, one in twenty of them no JSON: a dead letter. */
async function produce(topic: string, count: number): Promise<void> {
  const kafka = new Kafka({ brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ idempotent: true, allowAutoTopicCreation: false })
  await producer.connect()
  const value = (index: number): string =>
    index % 20 === 0 ? 'no json' : `{"event_type":"click","session_id":"${index}"}`
  for (const partition of [0, 1])
    await producer.send({
      topic,
      messages: Array.from({ length: count }, (_, index) => ({ partition, value: value(index) })),
    })
  await producer.disconnect()
}

async function run(target: Deployment, ...args: string[]): Promise<number> {
  const { code, stdout, stderr } = await silt(args, target.environment)
  const lines = (stdout + stderr).trim().split('\n')
  say(`$ silt ${args.join(' ')}   (exit ${code})\n    ${lines.slice(0, 12).join('\n    ')}`)
  return code
}

async function expectAudit(target: Deployment, verdict: string, rows: number, deadLetters: number): Promise<void> {
  const { verdict: found, ...report } = await auditReport(target)
  const text = `${found}: ${report.rows} rows, ${report.deadLetters} dead letters`
  const isAsExpected = found === verdict && report.rows === rows && report.deadLetters === deadLetters
  if (!isAsExpected) failures++
  say(`${isAsExpected ? 'as expected' : `NOT ${verdict}: ${rows} rows, ${deadLetters} dead letters, but`} ${text}`)
}

/** Everything below the table's folder and that of its dead letters, log first: what the log names is there when it is copied. */
async function copy(from: Deployment, to: Deployment): Promise<void> {
  for (const suffix of ['', '-dead-letters']) {
    const [source, target] = [from, to].map((each) => tableStore({ ...each, tableUri: each.tableUri + suffix })) as [
      ReturnType<typeof tableStore>,
      ReturnType<typeof tableStore>,
    ]
    const keys: string[] = []
    for await (const { key } of source.list('')) keys.push(key)
    keys.sort((a, b) => Number(b.startsWith('_delta_log')) - Number(a.startsWith('_delta_log')))
    for (const key of keys) {
      const found = await source.get(key)
      if (found.kind === 'found') await target.put(key, found.body)
    }
    await Promise.all([source.close(), target.close()])
  }
  say(`copied ${from.tableUri} and its dead letters to ${to.tableUri}`)
}

async function wipe(target: Deployment): Promise<void> {
  const { endpoint, accessKeyId, secretAccessKey, bucket } = servers.settings.minio
  for (const suffix of ['', '-dead-letters']) {
    const store = tableStore({ ...target, tableUri: target.tableUri + suffix })
    for await (const { key } of store.list(''))
      await sendSigned(
        endpoint,
        { accessKeyId, secretAccessKey },
        {
          method: 'DELETE',
          path: `${new URL(target.tableUri + suffix).pathname.replace(/^/, `/${bucket}`)}/${key}`,
        },
      )
    await store.close()
  }
  say(`deleted every object of ${target.tableUri}`)
}

function say(text: string): void {
  console.log(`  ${text}`)
}

/** What the processes said at warn or error since `from`, once each. */
function complaints(processes: readonly SiltProcess[]): void {
  const lines = processes.flatMap(({ name, logs }) =>
    logs
      .filter(({ level }) => level === 'error' || level === 'warn')
      .map(({ code, msg }) => `${name}: ${JSON.stringify([code, msg])}`),
  )
  for (const line of [...new Set(lines)].slice(0, 8)) say(`logged  ${line}`)
}

async function drill(title: string, act: () => Promise<void>): Promise<void> {
  if (!title.includes(wanted)) return
  console.log(`\n== ${title}`)
  const startMs = performance.now()
  try {
    await act()
  } catch (error) {
    failures++
    console.error(error)
  }
  await killAllSilt()
  say(`${((performance.now() - startMs) / 1000).toFixed(0)} s`)
}

await drill('Redis lost, and a new empty one in its place', async () => {
  const target = place('redis-lost')
  await createTopic(bootstrapServers, target.topic, 2)
  await produce(target.topic, 1000)
  const processes = start(target)
  await settled(target, settleMsMax)
  await servers.redis.kill()
  await produce(target.topic, 1000)
  say('Redis killed, 2,000 more events; ten seconds later an empty one')
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  await servers.redis.start()
  await servers.redis.flush()
  await settled(target, settleMsMax)
  complaints(processes)
  await expectAudit(target, 'proved', 3800, 200)
})

await drill('Bucket lost; restored from a backup made while the table was paused', async () => {
  const target = place('bucket-lost')
  await createTopic(bootstrapServers, target.topic, 2)
  await produce(target.topic, 1000)
  const processes = start(target)
  await settled(target, settleMsMax)
  await run(target, 'table', 'pause', '--reason', 'backup')
  await produce(target.topic, 500)
  await copy(target, at(target, 'backup/bucket-lost'))
  await run(at(target, 'backup/bucket-lost'), 'table', 'check', '--rows')
  await run(target, 'table', 'resume')
  await settled(target, settleMsMax)
  await produce(target.topic, 500)
  await settled(target, settleMsMax)
  await wipe(target)
  await produce(target.topic, 500)
  await new Promise((resolve) => setTimeout(resolve, 8000))
  complaints(processes)
  await stop(processes)
  await run(target, 'table', 'check')
  // What the processes went on to write names files and versions that are gone; its events are in Kafka.
  await wipe(target)
  await copy(at(target, 'backup/bucket-lost'), target)
  await run(target, 'table', 'check', '--rows')
  await run(target, 'table', 'resume')
  const again = start(target)
  await settled(target, settleMsMax)
  complaints(again)
  await expectAudit(target, 'proved', 4750, 250)
  await run(target, 'table', 'check', '--rows')
})

await drill('Bucket lost, no backup: a new table from what the topic still holds', async () => {
  const target = place('no-backup')
  await createTopic(bootstrapServers, target.topic, 2)
  await produce(target.topic, 1000)
  const processes = start(target)
  await settled(target, settleMsMax)
  await stop(processes)
  await wipe(target)
  await deleteRecordsBelow(bootstrapServers, target.topic, { 0: 400, 1: 400 })
  say('of each partition retention has deleted the first 400')
  start(target)
  await settled(target, settleMsMax)
  await expectAudit(target, 'proved', 1140, 60)
})

await drill('Backup older than retention: the hole is named and accepted', async () => {
  const target = place('old-backup')
  await createTopic(bootstrapServers, target.topic, 2)
  await produce(target.topic, 100)
  const first = start(target)
  await settled(target, settleMsMax)
  await stop(first)
  await copy(target, at(target, 'backup/old-backup'))
  await produce(target.topic, 100)
  const second = start(target)
  await settled(target, settleMsMax)
  await stop(second)
  await produce(target.topic, 100)
  await wipe(target)
  await copy(at(target, 'backup/old-backup'), target)
  await deleteRecordsBelow(bootstrapServers, target.topic, { 0: 150, 1: 150 })
  await run(target, 'partition', 'status')
  const third = start(target)
  await run(target, 'partition', 'accept-gap', '0')
  await run(target, 'partition', 'accept-gap', '1')
  await settled(target, settleMsMax)
  complaints(third)
  await expectAudit(target, 'explained', 476, 24)
})

await drill('Topic deleted and made again', async () => {
  const target = place('topic-lost')
  await createTopic(bootstrapServers, target.topic, 2)
  await produce(target.topic, 100)
  const processes = start(target)
  await settled(target, settleMsMax)
  await deleteTopic(bootstrapServers, target.topic)
  await createTopic(bootstrapServers, target.topic, 2)
  await produce(target.topic, 60)
  await new Promise((resolve) => setTimeout(resolve, 12_000))
  await run(target, 'partition', 'status')
  await run(target, 'partition', 'restart', 'all')
  await settled(target, settleMsMax)
  complaints(processes)
  await expectAudit(target, 'proved', 304, 16)
})

await drill('Another region: a new topic of the same name, the table copied there', async () => {
  const [here, there] = [place('events', 'region-a'), place('events', 'region-b')]
  await createTopic(bootstrapServers, here.topic, 2)
  await produce(here.topic, 100)
  const processes = start(here)
  await settled(here, settleMsMax)
  await stop(processes)
  await copy(here, there)
  await deleteTopic(bootstrapServers, here.topic)
  await createTopic(bootstrapServers, there.topic, 2)
  await produce(there.topic, 40)
  await run(there, 'partition', 'status')
  await run(there, 'partition', 'restart', 'all')
  start(there)
  await settled(there, settleMsMax)
  await expectAudit(there, 'proved', 266, 14)
})

await servers.stop()
console.log(failures === 0 ? '\nall as expected' : `\n${failures} not as expected`)
process.exitCode = failures === 0 ? 0 : 1
