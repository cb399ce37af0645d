import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs'
import { addUser, makeAuthority, startServers, type Authority, type Certificate } from '../servers/index.ts'
import { tokenAudience, tokenIssuer } from '../servers/kafka-security.ts'
import { withAdmin } from './topics.ts'

const policies = fileURLToPath(new URL('../../deploy/policies/', import.meta.url))
const storeNames = ['ingestor', 'writer', 'committer', 'operator', 'upkeep'] as const
const redisNames = ['ingestor', 'writer', 'committer', 'console', 'operator'] as const
const kafkaNames = ['ingestor', 'writer', 'collector', 'operator', 'console'] as const

/** Every identity has a password of its own at every server. */
export const passwordOf = (server: 'kafka' | 'redis' | 'store', name: string): string => `pw-${server}/${name}+8Kq&%`

/** Servers that ask who one is, under the rules of deploy/policies; what is in there by default is what they are made for. */
export async function startSecuredPlatform() {
  const folder = await mkdtemp(join(tmpdir(), 'silt-secured-'))
  const authority = await makeAuthority()
  const stranger = await makeAuthority()
  // An address and no name: who comes by another name is at the wrong host.
  const certificate = await authority.issue('server', 'IP:127.0.0.1')
  const tokens = tokenMint()
  const endpoint = await tokenEndpoint(tokens.issue)
  const audit = await auditTarget()
  const servers = await startServers({
    kafka: {
      security: {
        authority,
        certificate,
        passwords: Object.fromEntries(kafkaNames.map((name) => [name, kafkaPassword(name)])),
        jwks: tokens.jwks,
        sessionMsMax: 3_000,
      },
    },
    redis: { certificate, acl: redisUsers() },
    minio: {
      tls: { certificate, authority },
      environment: { MINIO_AUDIT_WEBHOOK_ENABLE_SILT: 'on', MINIO_AUDIT_WEBHOOK_ENDPOINT_SILT: audit.url },
    },
  })
  await Promise.all([addStoreUsers(servers.settings.minio), addKafkaRules(servers.settings.kafka.bootstrapServers)])
  const files = new SecretFiles(folder)
  return {
    servers,
    authority,
    stranger,
    tokens,
    endpoint,
    audit,
    files,
    writerCertificate: await authority.issue('writer', 'DNS:writer'),
    stop: async () => {
      await servers.stop()
      endpoint.server.close()
      audit.server.close()
      await Promise.all([authority.dispose(), stranger.dispose(), rm(folder, { recursive: true, force: true })])
    },
  }
}

export type SecuredPlatform = Awaited<ReturnType<typeof startSecuredPlatform>>

/** The settings of one identity: secrets by files, as mounted ones are. */
export async function environmentOf(platform: SecuredPlatform, name: string): Promise<Record<string, string>> {
  const { servers, authority, files } = platform
  const { kafka, redis, minio } = servers.settings
  return {
    KAFKA_TOPIC: 'analytics-events',
    KAFKA_BOOTSTRAP_SERVERS: kafka.secured?.saslSsl ?? '',
    KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
    KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    KAFKA_SASL_USERNAME: name,
    KAFKA_SASL_PASSWORD_FILE: await files.put(`kafka-${name}`, kafkaPassword(name)),
    KAFKA_SSL_CA_FILE: authority.caPath,
    REDIS_URL: redis.tlsUrl ?? '',
    REDIS_USERNAME: name,
    REDIS_PASSWORD_FILE: await files.put(`redis-${name}`, passwordOf('redis', name)),
    REDIS_CA_FILE: authority.caPath,
    AWS_ENDPOINT_URL: minio.endpoint,
    AWS_REGION: minio.region,
    AWS_CA_BUNDLE: authority.caPath,
    AWS_ACCESS_KEY_ID: name,
    AWS_SECRET_ACCESS_KEY_FILE: await files.put(`store-${name}`, passwordOf('store', name)),
    DELTA_TABLE_PATH: `s3://${minio.bucket}/delta/analytics-events`,
    BATCH_TIMEOUT_SECONDS: '0.5',
  }
}

/** JAAS and the format tool have characters of their own. */
export function kafkaPassword(name: string): string {
  return `pw-kafka-${name}-8Kq`
}

class SecretFiles {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** All at once, as Kubernetes does it: a process that starts meanwhile finds the file before or the one after, never an empty one. */
  async put(name: string, text: string): Promise<string> {
    const path = join(this.#folder, name)
    const fresh = `${path}.${randomUUID()}`
    await writeFile(fresh, `${text}\n`)
    await rename(fresh, path)
    return path
  }
}

function redisUsers(): string {
  const admin = `user admin on >${passwordOf('redis', 'admin')} ~* &* +@all`
  const rules = (name: string): string => readFileSync(`${policies}redis/${name}.acl`, 'utf8').trim()
  const users = redisNames.map((name) => `user ${name} on >${passwordOf('redis', name)} ${rules(name)}`)
  return ['user default off', admin, ...users, ''].join('\n')
}

export async function addStoreUsers(
  settings: Parameters<typeof addUser>[0],
  names: readonly string[] = storeNames,
  secretOf: (name: string) => string = (name) => passwordOf('store', name),
): Promise<void> {
  for (const name of names) {
    const policy = readFileSync(`${policies}store/${name}.json`, 'utf8')
    await addUser(settings, { accessKeyId: name, secretAccessKey: secretOf(name) }, `silt-${name}`, policy)
  }
}

async function addKafkaRules(bootstrapServers: string): Promise<void> {
  const lines = readFileSync(`${policies}kafka/acls.txt`, 'utf8').split('\n')
  const rules = lines.filter((line) => /^\w/.test(line)).map((line) => line.split(/\s+/))
  const acl = rules.map(([principal = '', operation = '', kind = '', resourceName = '']) => ({
    principal: `User:${principal}`,
    operation: AclOperationTypes[operation.toUpperCase() as 'READ' | 'WRITE' | 'DESCRIBE'],
    resourceType: kind === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
    resourceName,
    host: '*',
    permissionType: AclPermissionTypes.ALLOW,
    resourcePatternType: ResourcePatternTypes.LITERAL,
  }))
  await withAdmin(bootstrapServers, (admin) => admin.createAcls({ acl }))
}

/** Tokens signed by a key that the broker believes. */
type Issue = (subject: string, lifeSeconds: number) => string

function tokenMint(): { readonly jwks: string; readonly issue: Issue } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return {
    jwks: JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] }),
    issue: (subject, lifeSeconds) => {
      const iat = Math.floor(Date.now() / 1000)
      const claims = { sub: subject, aud: tokenAudience, iss: tokenIssuer, iat, exp: iat + lifeSeconds }
      const signed = `${part({ alg: 'RS256', kid: 'one', typ: 'JWT' })}.${part(claims)}`
      return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
    },
  }
}

export const clientSecret = 'client+secret/8Kq'

/** A token endpoint that knows one client, `writer`. */
async function tokenEndpoint(issue: Issue) {
  const issued: string[] = []
  const basic = Buffer.from(`writer:${encodeURIComponent(clientSecret)}`).toString('base64')
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (request.headers.authorization !== `Basic ${basic}`)
        return void response.writeHead(401).end('{"error":"invalid_client"}')
      const token = issue('writer', 4)
      issued.push(token)
      response.end(JSON.stringify({ access_token: token, expires_in: 4, token_type: 'Bearer' }))
    })
  })
  return { server, issued, url: `${await listening(server)}/token` }
}

export interface AuditLine {
  readonly time?: string
  readonly accessKey?: string
  readonly api?: { readonly name?: string; readonly object?: string; readonly statusCode?: number }
}

/** Where the store tells who did what. */
async function auditTarget() {
  const lines: AuditLine[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      for (const line of text.split('\n')) if (line.trim() !== '') lines.push(JSON.parse(line) as AuditLine)
      response.end()
    })
  })
  return { server, lines, url: await listening(server) }
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export type { Authority, Certificate }
