import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { serverCommand } from './engine.ts'
import type { ServerRecipe } from './engine.ts'
import { goProgram, goProgramMissing } from './go-install.ts'
import { freePort } from './ports.ts'
import { answers, newS3Settings } from './s3-settings.ts'
import type { S3Settings } from './s3-settings.ts'
import { handleOf, newDataDir, ServerProcess } from './server-process.ts'
import type { ServerHandle } from './server-process.ts'
import { requireSigned } from './signed-request.ts'

export type VersitygwServer = ServerHandle<S3Settings>

const program = { name: 'versitygw', module: 'github.com/versity/versitygw/cmd/versitygw', version: 'v1.8.0' } as const

export const versitygwRecipe: ServerRecipe = {
  name: 'versitygw',
  image: 'ghcr.io/versity/versitygw:v1.8.0',
  entrypoint: 'versitygw',
  nativeMissing: () => goProgramMissing(program),
  native: () => goProgram(program),
}

/** One versitygw on a free port of 127.0.0.1 with one bucket, owned by a user who has no other; ready to serve. */
export async function startVersitygw(): Promise<VersitygwServer> {
  const dataDir = await newDataDir('versitygw')
  const port = await freePort()
  const settings = newS3Settings(port)
  const [data, users] = [join(dataDir, 'data'), join(dataDir, 'users')]
  await mkdir(data)
  await mkdir(users)
  const options = ['--port', `127.0.0.1:${port}`, '--iam-dir', users, '--health', '/health', '--keep-alive', '--quiet']
  const env = { ROOT_ACCESS_KEY: settings.root.accessKeyId, ROOT_SECRET_KEY: settings.root.secretAccessKey }
  const server = new ServerProcess({
    name: 'versitygw',
    dataDir,
    ports: [port],
    command: await serverCommand(versitygwRecipe, [...options, 'posix', data], { dataDir, env }),
    ready: () => answers(`${settings.endpoint}/health`),
    startMsMax: 120_000,
    stopMsMax: 10_000,
  })
  await server.start()
  await addBucketOwner(settings)
  return handleOf(server, settings)
}

async function addBucketOwner(settings: S3Settings): Promise<void> {
  const { endpoint, root, bucket, accessKeyId, secretAccessKey } = settings
  const body = `<Account><Access>${accessKeyId}</Access><Secret>${secretAccessKey}</Secret><Role>user</Role></Account>`
  await requireSigned(endpoint, root, { method: 'PATCH', path: '/create-user', body })
  await requireSigned(endpoint, root, { method: 'PUT', path: `/${bucket}` })
  const query = { bucket, owner: accessKeyId }
  await requireSigned(endpoint, root, { method: 'PATCH', path: '/change-bucket-owner/', query })
}
