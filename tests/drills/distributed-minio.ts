import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../servers/ports.ts'
import { minioRecipe } from '../servers/minio.ts'
import { sendSigned, startServers } from '../servers/index.ts'
import { auditReport } from '../support/audit-report.ts'
import { deployment, startActors } from '../support/deployment.ts'
import { settled } from '../support/partition-status.ts'
import { killAllSilt } from '../support/silt-process.ts'
import { createTopic, sendEvents } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

// MinIO on four nodes: Silt goes on without one, waits without two, goes on when they are back (docs/operations.md): `npm run drill:minio --workspace tests`.

const nodeCount = 4
const bucketMsMax = 120_000
const root = { accessKeyId: 'drill-root', secretAccessKey: 'drill-secret-of-this-run' }
const folder = await mkdtemp(join(tmpdir(), 'silt-minio-'))
const ports = await Promise.all(Array.from({ length: nodeCount }, () => freePort()))
// Nodes on a loopback address are refused where the machine is a container.
const host =
  Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find((each) => each.family === 'IPv4' && !each.internal)?.address ?? '127.0.0.1'
const disks = ports.map((port, node) => `http://${host}:${port}${folder}/node-${node}/disk`)
const program = await minioRecipe.native()
const endpoint = `http://${host}:${ports[0]}`

function startNode(node: number): ChildProcess {
  return spawn(program, ['server', '--address', `${host}:${ports[node]}`, ...disks], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      NO_PROXY: host,
      MINIO_ROOT_USER: root.accessKeyId,
      MINIO_ROOT_PASSWORD: root.secretAccessKey,
      MINIO_UPDATE: 'off',
      // Lets disks lie on the root file system, as they do here.
      MINIO_CI_CD: '1',
    },
  })
}

async function kill(node: number): Promise<void> {
  const child = nodes[node]
  child?.kill('SIGKILL')
  if (child !== undefined) await once(child, 'close')
}

const nodes = ports.map((_, node) => startNode(node))
const servers = await startServers({ kafka: {}, redis: {} })
try {
  const bucket = { method: 'PUT', path: '/analytics' } as const
  await waitFor(
    'the bucket',
    async () => {
      const status = await sendSigned(endpoint, root, bucket).catch(() => 0)
      return status === 200 || status === 409 || undefined
    },
    bucketMsMax,
  )
  const minio = { endpoint, region: 'us-east-1', bucket: 'analytics', root, ...root }
  const target = deployment({ ...servers.settings, minio }, 'on-four-nodes', { BATCH_TIMEOUT_SECONDS: '0.5' })
  const { bootstrapServers } = servers.settings.kafka
  await createTopic(bootstrapServers, target.topic, 2)
  const processes = startActors(target, { ingestor: 1, writer: 1, committer: 2 })
  const settle = async (what: string): Promise<void> => {
    const startMs = performance.now()
    await settled(target, 240_000)
    console.log(`${what}: settled ${((performance.now() - startMs) / 1000).toFixed(1)} s after the last event`)
  }

  await sendEvents(bootstrapServers, target.topic, { 0: 1000, 1: 1000 })
  await settle('four nodes')
  await kill(3)
  await sendEvents(bootstrapServers, target.topic, { 0: 1000, 1: 1000 })
  await settle('one node killed')
  await kill(2)
  await sendEvents(bootstrapServers, target.topic, { 0: 1000, 1: 1000 })
  await delay(15_000)
  const lines = processes.flatMap(({ name, logs }) => logs.map(({ code, level }) => ({ name, code, level })))
  const codes = lines.filter(({ level }) => level === 'warn' || level === 'error')
  console.log(
    `two nodes killed, after 15 s: ${[...new Set(codes.map((each) => `${each.name} ${String(each.code)}`))].join(', ')}`,
  )
  nodes[2] = startNode(2)
  nodes[3] = startNode(3)
  await settle('both are back')
  const { verdict, rows } = await auditReport(target)
  console.log(`audit: ${verdict}, ${rows} rows of 6000`)
  process.exitCode = verdict === 'proved' && rows === 6000 ? 0 : 1
} finally {
  await killAllSilt()
  for (const child of nodes) child.kill('SIGKILL')
  await servers.stop()
  await rm(folder, { recursive: true, force: true })
}
