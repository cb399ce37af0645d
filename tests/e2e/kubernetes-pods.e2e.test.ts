import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, inject, test } from 'vitest'
import { renderChart } from '../k8s/helm.ts'
import { parseManifests, podSpecs, type Container, type Manifest } from '../k8s/manifest.ts'
import { podEnvironment } from '../k8s/pod-environment.ts'
import { writeEventFile } from '../support/event-file.ts'
import { opsOf } from '../support/ops.ts'
import { runPython } from '../support/python.ts'
import { withScratch } from '../support/scratch.ts'
import { killAllSilt, silt, SiltProcess } from '../support/silt-process.ts'
import { expectSoundTable } from '../support/sound-table.ts'
import { createTopic } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

const minutes = 60_000
const eventCount = 400
const topic = 'kubernetes-pods'
const produce = fileURLToPath(new URL('../load/produce.py', import.meta.url))

afterAll(killAllSilt)

/** What a pod would start, here: its arguments, and its environment with the mounted Secret where `secrets` is. */
interface Start {
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly container: Container
}

function startsOf(manifests: readonly Manifest[], secrets: string): ReadonlyMap<string, Start> {
  const pods = [...podSpecs(manifests)].flatMap(([id, { containers }]) => containers.map((each) => [id, each] as const))
  return new Map(
    pods.map(([id, container]) => {
      const given = Object.entries(podEnvironment(container, manifests))
      const here = given.map(([name, value]) => [name, value.replace('/etc/silt/secrets', secrets)])
      // Pods have an address each; here they share one.
      const environment = { ...Object.fromEntries(here), OPS_PORT: '0', OPS_HOST: '127.0.0.1' } as Record<
        string,
        string
      >
      return [id, { args: container.args ?? [], environment, container }]
    }),
  )
}

/** The chart for these servers, with the operator's pod. */
async function rendered(): Promise<readonly Manifest[]> {
  const { kafka, redis, minio } = inject('servers')
  const settings = {
    KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers,
    KAFKA_TOPIC: topic,
    DELTA_TABLE_PATH: `s3://${minio.bucket}/${topic}`,
    AWS_ENDPOINT_URL: minio.endpoint,
    AWS_REGION: minio.region,
    AWS_ALLOW_HTTP: true,
    REDIS_URL: redis.url,
  }
  const secrets = { existingSecret: 'silt', keys: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] }
  const set = [`settings=${JSON.stringify(settings)}`, `secrets=${JSON.stringify(secrets)}`, 'operator.shell=true']
  return parseManifests(await renderChart({ set }))
}

async function mountedSecret(folder: string): Promise<string> {
  const { minio } = inject('servers')
  const secrets = join(folder, 'secrets')
  await mkdir(secrets)
  await writeFile(join(secrets, 'AWS_ACCESS_KEY_ID'), minio.accessKeyId)
  await writeFile(join(secrets, 'AWS_SECRET_ACCESS_KEY'), minio.secretAccessKey)
  return secrets
}

test(
  'started as the pods of the chart are, the actors settle a topic, answer their probes, pass their doctor and drain',
  () =>
    withScratch(async (folder) => {
      const { bootstrapServers } = inject('servers').kafka
      const starts = startsOf(await rendered(), await mountedSecret(folder))
      const start = (id: string): Start =>
        starts.get(id) ?? { args: ['none'], environment: {}, container: { name: id } }
      await createTopic(bootstrapServers, topic, 2)
      const running = ['committer', 'ingestor', 'writer'].map((actor) => {
        const { args, environment, container } = start(`Deployment/silt-${actor}`)
        return { process: new SiltProcess(actor, args, environment), container }
      })
      for (const { process, container } of running) {
        const ops = await opsOf(process)
        for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
          const { path } = (probe as { readonly httpGet: { readonly path: string } }).httpGet
          await waitFor(`${process.name} ${path}`, async () => (await ops.get(path)).status === 200 || undefined)
        }
      }
      const events = join(folder, 'events.ndjson')
      await writeEventFile(events, eventCount, 5)
      await runPython(produce, [events, bootstrapServers, topic, '2'])
      const operator = start('Deployment/silt-operator').environment
      const settled = await silt(['run', 'ingestor', '--until-idle'], operator)
      expect(settled.code, settled.stderr + running.map(({ process }) => process.tail()).join('\n')).toBe(0)
      const audit = await silt(['audit', '--json'], operator)
      expect(JSON.parse(audit.stdout), audit.stderr).toMatchObject({ verdict: 'proved', rows: eventCount })
      await expectSoundTable(operator)
      const doctors = [...starts].filter(([id]) => id.startsWith('Pod/'))
      expect(doctors).toHaveLength(3)
      const verdicts = await Promise.all(doctors.map(([, { args, environment }]) => silt(args, environment)))
      for (const { code, stdout, stderr } of verdicts) expect(code, stdout + stderr).toBe(0)
      for (const { process } of running) expect(await process.terminate(), process.tail()).toBe(0)
    }),
  5 * minutes,
)
