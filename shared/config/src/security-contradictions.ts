import { keyBelongsTo } from './pem.ts'
import type { SettingName } from './setting-table.ts'
import type { SettingFault, Settings } from './settings-shape.ts'

/** Settings of connections checked against each other: what was given and would not be used is a fault too, for it was meant. */
export function securityContradictions(settings: Settings): SettingFault[] {
  const faults: SettingFault[] = []
  const when = (condition: boolean, setting: SettingName, fault: string): void => {
    if (condition) faults.push({ setting, fault })
  }
  const needs = (names: readonly SettingName[], because: string): void => {
    for (const name of names) when(settings[name] === undefined, name, `must be set ${because}`)
  }
  const isIdle = (names: readonly SettingName[], because: string): void => {
    for (const name of names) when(settings[name] !== undefined, name, `is set, but ${because}`)
  }
  kafka(settings, needs, isIdle)
  pair(settings, 'KAFKA_SSL_CERT', 'KAFKA_SSL_KEY', when)
  redis(settings, when, isIdle)
  pair(settings, 'REDIS_CERT', 'REDIS_KEY', when)
  when(
    settings.AWS_SESSION_TOKEN !== undefined && settings.AWS_ACCESS_KEY_ID === undefined,
    'AWS_SESSION_TOKEN',
    'is of no use without AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  )
  return faults
}

type When = (condition: boolean, setting: SettingName, fault: string) => void
type Each = (names: readonly SettingName[], because: string) => void

const passwordSettings = ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const
const clientSettings = [
  'KAFKA_SASL_OAUTHBEARER_TOKEN_URL',
  'KAFKA_SASL_OAUTHBEARER_CLIENT_ID',
  'KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET',
] as const
const tlsSettings = ['KAFKA_SSL_CA', 'KAFKA_SSL_CERT', 'KAFKA_SSL_KEY'] as const

function kafka(settings: Settings, needs: Each, isIdle: Each): void {
  const protocol = settings.KAFKA_SECURITY_PROTOCOL
  const mechanism = settings.KAFKA_SASL_MECHANISM
  const method = settings.KAFKA_SASL_OAUTHBEARER_METHOD
  if (protocol.startsWith('SASL_')) needs(['KAFKA_SASL_MECHANISM'], `with KAFKA_SECURITY_PROTOCOL=${protocol}`)
  else isIdle(['KAFKA_SASL_MECHANISM', ...passwordSettings], `KAFKA_SECURITY_PROTOCOL=${protocol} has no SASL`)
  if (!protocol.endsWith('SSL')) isIdle(tlsSettings, `KAFKA_SECURITY_PROTOCOL=${protocol} has no TLS`)
  if (mechanism === undefined) return
  if (mechanism !== 'OAUTHBEARER') {
    needs(passwordSettings, `with KAFKA_SASL_MECHANISM=${mechanism}`)
    isIdle(['KAFKA_SASL_OAUTHBEARER_TOKEN', ...clientSettings], `KAFKA_SASL_MECHANISM=${mechanism} takes no token`)
    return
  }
  isIdle(passwordSettings, 'KAFKA_SASL_MECHANISM=OAUTHBEARER takes a token')
  const by = `KAFKA_SASL_OAUTHBEARER_METHOD=${method}`
  if (method === 'token') needs(['KAFKA_SASL_OAUTHBEARER_TOKEN'], `with ${by}`)
  else isIdle(['KAFKA_SASL_OAUTHBEARER_TOKEN'], `${by} gets the token itself`)
  if (method === 'client-credentials') needs(clientSettings, `with ${by}`)
  else isIdle([...clientSettings, 'KAFKA_SASL_OAUTHBEARER_SCOPE'], `${by} asks no token endpoint`)
}

function redis(settings: Settings, when: When, isIdle: Each): void {
  const given = settings.REDIS_URL
  const url = given !== undefined && URL.canParse(given) ? new URL(given) : undefined
  const tls = ['REDIS_CA', 'REDIS_CERT', 'REDIS_KEY'] as const
  if (given === undefined) return isIdle(['REDIS_USERNAME', 'REDIS_PASSWORD', ...tls], 'REDIS_URL is not')
  when(url === undefined, 'REDIS_URL', 'must look like redis://[user:password@]host:port[/db] or rediss://…')
  if (url?.protocol !== 'rediss:') isIdle(tls, 'REDIS_URL has no TLS; it begins with rediss:// where TLS is spoken')
  const user = settings.REDIS_USERNAME
  when(user !== undefined && url?.username !== '', 'REDIS_USERNAME', 'is set, but REDIS_URL names a user too; keep one')
  const password = settings.REDIS_PASSWORD
  when(password !== undefined && url?.password !== '', 'REDIS_PASSWORD', 'is set, but REDIS_URL has one too; keep one')
  when(
    user !== undefined && password === undefined && url?.password === '',
    'REDIS_PASSWORD',
    'must be set with REDIS_USERNAME',
  )
}

function pair(
  settings: Settings,
  certName: 'KAFKA_SSL_CERT' | 'REDIS_CERT',
  keyName: 'KAFKA_SSL_KEY' | 'REDIS_KEY',
  when: When,
): void {
  const certificate = settings[certName]
  const key = settings[keyName]
  when((certificate === undefined) !== (key === undefined), certName, `and ${keyName} must be set together`)
  when(
    certificate !== undefined && key !== undefined && !keyBelongsTo(certificate, key),
    keyName,
    `is not the key of ${certName}`,
  )
}
