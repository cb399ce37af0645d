import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isSiltError } from '@silt/core'
import type { Authority, Certificate } from './certificates.ts'
import { serverCommand } from './engine.ts'
import type { ServerRecipe } from './engine.ts'
import { goProgram, goProgramMissing } from './go-install.ts'
import { addBucketUser } from './minio-admin.ts'
import { freePort } from './ports.ts'
import { answers, newS3Settings } from './s3-settings.ts'
import type { S3Settings } from './s3-settings.ts'
import { handleOf, newDataDir, ServerProcess } from './server-process.ts'
import type { ServerHandle } from './server-process.ts'
import { requireSigned } from './signed-request.ts'

export type MinioServer = ServerHandle<S3Settings>

export interface MinioOptions {
  /** Speak TLS, by this certificate of this authority. */
  readonly tls?: { readonly certificate: Certificate; readonly authority: Authority }
  /** More of the server's variables: `MINIO_AUDIT_WEBHOOK_…`. */
  readonly environment?: Readonly<Record<string, string>>
}

const program = {
  name: 'minio',
  module: 'github.com/minio/minio',
  version: 'v0.0.0-20260212201848-7aac2a2c5b7c',
} as const

export const minioRecipe: ServerRecipe = {
  name: 'minio',
  image: 'quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z',
  entrypoint: 'minio',
  nativeMissing: () => goProgramMissing(program),
  native: () => goProgram(program),
}

/** One MinIO on a free port of 127.0.0.1 with one bucket, a user limited to it, and no anonymous access; ready to serve. */
export async function startMinio(options: MinioOptions = {}): Promise<MinioServer> {
  const dataDir = await newDataDir('minio')
  const [port, consolePort] = [await freePort(), await freePort()]
  const settings = newS3Settings(port, options.tls?.authority.ca)
  const certs = await certsDir(options, dataDir)
  const addresses = [...certs, '--address', `127.0.0.1:${port}`, '--console-address', `127.0.0.1:${consolePort}`]
  const env = {
    MINIO_ROOT_USER: settings.root.accessKeyId,
    MINIO_ROOT_PASSWORD: settings.root.secretAccessKey,
    MINIO_UPDATE: 'off',
    ...options.environment,
  }
  const server = new ServerProcess({
    name: 'minio',
    dataDir,
    ports: [port, consolePort],
    command: await serverCommand(minioRecipe, ['server', join(dataDir, 'data'), ...addresses], { dataDir, env }),
    ready: () => answers(`${settings.endpoint}/minio/health/ready`, settings.ca),
    startMsMax: 120_000,
    stopMsMax: 20_000,
  })
  await server.start()
  const bucket = { method: 'PUT', path: `/${settings.bucket}` } as const
  await onceItServes(() => requireSigned(settings.endpoint, settings.root, bucket, settings.ca))
  await onceItServes(() => addBucketUser(settings))
  return handleOf(server, settings)
}

async function certsDir({ tls }: MinioOptions, dataDir: string): Promise<string[]> {
  if (tls === undefined) return []
  const folder = join(dataDir, 'certs')
  await mkdir(folder)
  await copyFile(tls.certificate.certPath, join(folder, 'public.crt'))
  await copyFile(tls.certificate.keyPath, join(folder, 'private.key'))
  return ['--certs-dir', folder]
}

const settlingMsMax = 90_000

/** MinIO may say that it is ready and still answer 503 to the first writes, or not know the user it has just been given (404). */
async function onceItServes(ask: () => Promise<void>): Promise<void> {
  const deadlineMs = performance.now() + settlingMsMax
  for (;;) {
    try {
      await ask()
      return
    } catch (error) {
      const isSettling = isSiltError(error) && [404, 503].includes(Number(error.context['status']))
      if (performance.now() > deadlineMs || !isSettling) throw error
      await setTimeout(200)
    }
  }
}
