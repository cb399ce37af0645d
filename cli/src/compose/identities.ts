import { rotatingSettings, type RotatingSettings, type Settings } from '@silt/config'
import { SiltError, type Log } from '@silt/core'
import { awsCredentialChain, type S3Credentials } from '@silt/object-store'
import type { RedisIdentity } from '@silt/queue/redis'
import { clientCredentialsTokens, mskIamTokens, type ConnectionSecurity } from '@silt/source'
import type { Terminal } from '../terminal.ts'

export interface IdentityDeps extends Pick<Terminal, 'environment' | 'readTextFile' | 'secrets' | 'clock'> {
  /** Told of secret files that cannot be used. */
  readonly log?: Log
}

const rereadMs = 1000

/** What connections to Kafka are secured by, as the settings and their files stand at each one; undefined: by nothing. */
export function kafkaSecurity(settings: Settings, deps: IdentityDeps): (() => Promise<ConnectionSecurity>) | undefined {
  if (settings.KAFKA_SECURITY_PROTOCOL === 'PLAINTEXT') return undefined
  const now = rotating(settings, deps)
  const token = kafkaToken(settings, now, deps)
  return async () => {
    const tls = {
      ...given('ca', now.current('KAFKA_SSL_CA')),
      ...given('cert', now.current('KAFKA_SSL_CERT')),
      ...given('key', now.current('KAFKA_SSL_KEY')),
    }
    const secured = settings.KAFKA_SECURITY_PROTOCOL.endsWith('SSL') ? { tls } : {}
    const mechanism = settings.KAFKA_SASL_MECHANISM
    if (mechanism === undefined) return secured
    if (mechanism === 'OAUTHBEARER') {
      const extensions = pairsOf(settings.KAFKA_SASL_OAUTHBEARER_EXTENSIONS)
      return { ...secured, sasl: { mechanism, token: await token(), extensions } }
    }
    const username = now.current('KAFKA_SASL_USERNAME') ?? ''
    const password = now.current('KAFKA_SASL_PASSWORD') ?? ''
    return { ...secured, sasl: { mechanism, username, password } }
  }
}

/** Who we are to Redis, as the settings and their files stand at each connection; a rotated REDIS_URL counts for its user and password. */
export function redisIdentity(settings: Settings, deps: IdentityDeps): () => RedisIdentity {
  const now = rotating(settings, deps)
  return () => {
    const url = new URL(now.current('REDIS_URL') ?? 'redis://unset')
    return {
      username: now.current('REDIS_USERNAME') ?? decoded(url.username),
      password: now.current('REDIS_PASSWORD') ?? decoded(url.password),
      tls: { ca: now.current('REDIS_CA'), cert: now.current('REDIS_CERT'), key: now.current('REDIS_KEY') },
    }
  }
}

/** Keys of the store: those of the settings, read again at most once a second, else the AWS credential chain. */
export function awsCredentials(settings: Settings, deps: IdentityDeps): () => Promise<S3Credentials> {
  if (settings.AWS_ACCESS_KEY_ID === undefined) return awsCredentialChain(settings.AWS_REGION)
  const now = rotating(settings, deps)
  let held: { readonly keys: S3Credentials; readonly readMs: number } | undefined
  return () => {
    const nowMs = deps.clock.monotonicMs()
    if (held === undefined || nowMs - held.readMs >= rereadMs) {
      const keys = {
        accessKeyId: now.current('AWS_ACCESS_KEY_ID') ?? '',
        secretAccessKey: now.current('AWS_SECRET_ACCESS_KEY') ?? '',
        sessionToken: now.current('AWS_SESSION_TOKEN'),
      }
      held = { keys, readMs: nowMs }
    }
    return Promise.resolve(held.keys)
  }
}

/** The authorities AWS_CA_BUNDLE names. Errors: `config/invalid`, naming it. */
export function caBundle(settings: Settings, deps: IdentityDeps): string | undefined {
  const path = settings.AWS_CA_BUNDLE
  if (path === undefined) return undefined
  let fault = 'holds no certificate in PEM'
  try {
    const text = deps.readTextFile(path)
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  } catch (error) {
    fault = `cannot be read: ${error instanceof Error ? error.message : String(error)}`
  }
  throw new SiltError('invalid', 'config/invalid', `AWS_CA_BUNDLE ${fault}`)
}

function rotating(settings: Settings, deps: IdentityDeps): RotatingSettings {
  const { environment, secrets, log } = deps
  return rotatingSettings(
    settings,
    { environment, readTextFile: (path) => deps.readTextFile(path) },
    {
      onValue: (value) => secrets.hide(value),
      onFault: (setting, fault) =>
        log?.warn({ code: 'config/secret-file' }, `${setting}: ${fault}; the last good value is used`),
    },
  )
}

function kafkaToken(settings: Settings, now: RotatingSettings, deps: IdentityDeps): () => Promise<string> {
  switch (settings.KAFKA_SASL_OAUTHBEARER_METHOD) {
    case 'token':
      return () => Promise.resolve(now.current('KAFKA_SASL_OAUTHBEARER_TOKEN') ?? '')
    case 'client-credentials':
      return clientCredentialsTokens({
        tokenUrl: settings.KAFKA_SASL_OAUTHBEARER_TOKEN_URL ?? '',
        clientId: settings.KAFKA_SASL_OAUTHBEARER_CLIENT_ID ?? '',
        clientSecret: () => now.current('KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET') ?? '',
        scope: settings.KAFKA_SASL_OAUTHBEARER_SCOPE,
        clock: deps.clock,
        onToken: (token) => deps.secrets.hidePassing(token),
      })
    case 'aws-msk-iam':
      return mskIamTokens({
        region: settings.AWS_REGION,
        credentials: awsCredentials(settings, deps),
        clock: deps.clock,
      })
  }
}

function given<Name extends string>(name: Name, value: string | undefined): { readonly [N in Name]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [N in Name]: string })
}

function pairsOf(text: string | undefined): Readonly<Record<string, string>> {
  const pairs = (text ?? '').split(',').filter((pair) => pair !== '')
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
}

function decoded(text: string): string | undefined {
  return text === '' ? undefined : decodeURIComponent(text)
}
