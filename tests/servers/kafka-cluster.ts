import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brokerProperties } from './kafka-files.ts'
import { metadataHasBroker } from './kafka-probe.ts'
import { javaCommand } from './kafka.ts'
import { freePort } from './ports.ts'
import { handleOf, newDataDir, ServerProcess, type ServerHandle } from './server-process.ts'
import { runTool } from './tools.ts'

interface ClusterBroker {
  /** Where clients reach this broker directly. */
  readonly port: number
  /** Where it listens for those that are sent through `advertised`. */
  readonly behindPort: number
}

export interface KafkaCluster {
  readonly bootstrapServers: string
  readonly brokers: readonly ServerHandle<ClusterBroker>[]
  /** Stops every broker and deletes its data. */
  stop(): Promise<void>
}

const brokerCount = 3
// Three JVMs that start at once on a small machine.
const startMsMax = 180_000

/**
 * Three KRaft nodes, each broker and controller, replication 3, two in sync required, with the broker's default timeouts; without topics; ready to
 * serve. Each broker has a second listener whose clients are sent to the port that `advertise` answers for it: a proxy's.
 */
export async function startKafkaCluster(advertise: (behindPort: number) => Promise<number>): Promise<KafkaCluster> {
  const nodes = await Promise.all(
    Array.from({ length: brokerCount }, async (_, index) => {
      const dataDir = await newDataDir(`kafka-${index}`)
      const [port, behindPort, controllerPort] = [await freePort(), await freePort(), await freePort()]
      return { id: index + 1, dataDir, port, behindPort, controllerPort, advertisedPort: await advertise(behindPort) }
    }),
  )
  const voters = nodes.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(',')
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A')
  const servers = await Promise.all(
    nodes.map(async ({ id, dataDir, port, behindPort, controllerPort, advertisedPort }) => {
      const config = join(dataDir, 'server.properties')
      const base = brokerProperties({ port, controllerPort, dataDir, fastTimeouts: false })
      const { 'controller.quorum.bootstrap.servers': _single, ...rest } = base
      const own = {
        'node.id': String(id),
        'controller.quorum.voters': voters,
        listeners: `${base['listeners']},BEHIND://127.0.0.1:${behindPort}`,
        'advertised.listeners': `${base['listeners']},BEHIND://127.0.0.1:${advertisedPort}`,
        'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,BEHIND:PLAINTEXT',
      }
      const lines = Object.entries({ ...rest, ...own, ...replicated }).map(([key, value]) => `${key}=${value}\n`)
      await writeFile(config, lines.join(''))
      const format = ['kafka.tools.StorageTool', 'format', '--cluster-id', clusterId, '--config', config]
      const formatCommand = await javaCommand(format, dataDir)
      await runTool(formatCommand.file, formatCommand.args, { timeoutMs: 120_000, cwd: dataDir })
      const server = new ServerProcess({
        name: `kafka-${id}`,
        dataDir,
        ports: [port, behindPort, controllerPort],
        command: await javaCommand(['kafka.Kafka', config], dataDir),
        ready: () => metadataHasBroker(port),
        startMsMax,
        stopMsMax: 30_000,
      })
      return { server, handle: handleOf(server, { port, behindPort }) }
    }),
  )
  const brokers = servers.map(({ handle }) => handle)
  const stop = async (): Promise<void> => {
    await Promise.all(brokers.map((broker) => broker.dispose()))
  }
  try {
    // One alone is not ready: the controllers vote by two of three.
    await Promise.all(brokers.map((broker) => broker.start()))
  } catch (error) {
    await stop()
    throw error
  }
  return { bootstrapServers: nodes.map(({ port }) => `127.0.0.1:${port}`).join(','), brokers, stop }
}

const replicated = {
  'default.replication.factor': '3',
  'min.insync.replicas': '2',
  'offsets.topic.replication.factor': '3',
  'transaction.state.log.replication.factor': '3',
  'transaction.state.log.min.isr': '2',
  'share.coordinator.state.topic.replication.factor': '3',
  'share.coordinator.state.topic.min.isr': '2',
  'unclean.leader.election.enable': 'false',
}
