import { randomBytes } from 'node:crypto'
import { chown, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serverCommand } from './engine.ts'
import type { ServerRecipe } from './engine.ts'
import { freePort } from './ports.ts'
import { postgresMissing, postgresPrograms } from './postgres-install.ts'
import { postgresServes } from './postgres-probe.ts'
import { handleOf, newDataDir, ServerProcess } from './server-process.ts'
import type { ServerHandle } from './server-process.ts'
import { runTool } from './tools.ts'
import type { Account } from './tools.ts'

export interface PostgresSettings {
  /** `postgres://user:password@host:port/database`, of the database's owner. */
  readonly url: string
}

export type PostgresServer = ServerHandle<PostgresSettings>

export interface PostgresOptions {
  /** Its owner (default `hot`). */
  readonly user?: string
  /** A fresh one by default. */
  readonly password?: string
}

const DATABASE = 'postgres'

export const postgresRecipe: ServerRecipe = {
  name: 'postgres',
  image: 'postgres:15.14-bookworm',
  entrypoint: 'postgres',
  nativeMissing: postgresMissing,
  native: async () => join(await postgresPrograms(), 'postgres'),
}

const initdbRecipe: ServerRecipe = {
  ...postgresRecipe,
  entrypoint: 'initdb',
  native: async () => join(await postgresPrograms(), 'initdb'),
}

/** An empty PostgreSQL on a free port of 127.0.0.1 whose only user has a password; ready to serve. Nothing is forced to disk. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const dataDir = await newDataDir('postgres')
  const port = await freePort()
  const { user = 'hot', password = randomBytes(12).toString('hex') } = options
  const account = unprivilegedAccount()
  const as = account === undefined ? {} : { account }
  const data = join(dataDir, 'data')
  const passwordFile = join(dataDir, 'password')
  await writeFile(passwordFile, password)
  if (account !== undefined) for (const path of [dataDir, passwordFile]) await chown(path, account.uid, account.gid)

  const secure = ['--username', user, '--pwfile', passwordFile, '--auth', 'scram-sha-256']
  const initdb = ['--pgdata', data, '--encoding', 'UTF8', '--locale', 'C', '--no-sync', ...secure]
  const init = await serverCommand(initdbRecipe, initdb, { dataDir, ...as })
  await runTool(init.file, init.args, { timeoutMs: 180_000, cwd: dataDir, ...init })

  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', TimeZone: 'UTC' }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server: ServerProcess = new ServerProcess({
    name: 'postgres',
    dataDir,
    ports: [port],
    command: await serverCommand(postgresRecipe, ['-D', data, ...args], { dataDir, ...as }),
    ready: () => postgresServes(port, user),
    // SIGTERM waits until every client has left.
    askToStop: () => {
      if (server.pid !== undefined) process.kill(server.pid, 'SIGINT')
      return Promise.resolve()
    },
    startMsMax: 120_000,
    stopMsMax: 20_000,
  })
  await server.start()
  return handleOf(server, { url: `postgres://${user}:${password}@127.0.0.1:${port}/${DATABASE}` })
}

/** PostgreSQL refuses to run as root: then nobody runs it. */
function unprivilegedAccount(): Account | undefined {
  return process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined
}
