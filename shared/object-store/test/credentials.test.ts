import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { awsCredentialChain } from '../src/index.ts'
import { ScriptedS3 } from './scripted-s3.ts'

let folder: string
let server: Server | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'silt-credentials-'))
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'))
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  server?.close()
  await rm(folder, { recursive: true, force: true })
})

const keyOf = (authorization: string | undefined): string => /Credential=([^/]+)/.exec(authorization ?? '')?.[1] ?? ''

test('keys that are handed in are asked for at every request: rotated ones count at once', async () => {
  const s3 = await ScriptedS3.start()
  let accessKeyId = 'BEFORE'
  const store = s3.store({ credentials: () => Promise.resolve({ accessKeyId, secretAccessKey: 'hush-hush' }) })
  await store.put('a', Buffer.from('x'))
  accessKeyId = 'AFTER'
  await store.put('b', Buffer.from('x'))
  expect(s3.requests.map(({ headers }) => keyOf(headers.authorization))).toEqual(['BEFORE', 'AFTER'])
  await store.close()
  await s3.close()
})

test('the chain finds keys in the shared files', async () => {
  await writeFile(join(folder, 'credentials'), '[default]\naws_access_key_id = FILEKEY\naws_secret_access_key = hush\n')
  expect(await awsCredentialChain('us-east-1')()).toMatchObject({ accessKeyId: 'FILEKEY', secretAccessKey: 'hush' })
})

test('the chain trades a web identity token for a role, as in a pod of EKS (IRSA)', async () => {
  const asked: string[] = []
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked.push(Buffer.concat(chunks).toString())
      const keys =
        '<AccessKeyId>ROLEKEY</AccessKeyId><SecretAccessKey>hush</SecretAccessKey><SessionToken>session</SessionToken>'
      const until = '<Expiration>2100-01-01T00:00:00Z</Expiration>'
      const result = `<AssumeRoleWithWebIdentityResult><Credentials>${keys}${until}</Credentials></AssumeRoleWithWebIdentityResult>`
      response.setHeader('content-type', 'text/xml')
      response.end(
        `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${result}</AssumeRoleWithWebIdentityResponse>`,
      )
    })
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  await writeFile(join(folder, 'token'), 'the-pod-token')
  vi.stubEnv('AWS_ENDPOINT_URL_STS', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  vi.stubEnv('AWS_ROLE_ARN', 'arn:aws:iam::111122223333:role/silt-writer')
  vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', join(folder, 'token'))
  expect(await awsCredentialChain('us-east-1')()).toEqual({
    accessKeyId: 'ROLEKEY',
    secretAccessKey: 'hush',
    sessionToken: 'session',
  })
  expect(asked[0]).toContain('WebIdentityToken=the-pod-token')
  expect(asked[0]).toContain('RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fsilt-writer')
})

test('without any, the store says what to give', async () => {
  const s3 = await ScriptedS3.start()
  const store = s3.store({ credentials: awsCredentialChain('us-east-1') })
  await expect(store.get('a')).rejects.toMatchObject({ code: 'store/denied', kind: 'invalid' })
  await expect(store.get('a')).rejects.toThrow('AWS credential chain')
  expect(s3.requests).toEqual([])
  await store.close()
  await s3.close()
})
