import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Authority, Certificate } from './certificates.ts'

/** Listeners with TLS beside the plain one, and whom they let in; rules are asked for, the plain listener's anonymous is the administrator. */
export interface KafkaSecurityOptions {
  readonly authority: Authority
  readonly certificate: Certificate
  /** SCRAM-SHA-512 and PLAIN, by name. */
  readonly passwords: Readonly<Record<string, string>>
  /** JSON Web Keys whose signatures OAUTHBEARER believes. */
  readonly jwks: string
  /** Sessions end after this long unless they are renewed (KIP-368). */
  readonly sessionMsMax: number
}

export interface KafkaSecurityFiles {
  readonly listeners: string
  readonly properties: Readonly<Record<string, string>>
  readonly formatArgs: readonly string[]
  readonly jvmArgs: readonly string[]
}

/** What tokens must say of who made them and for whom. */
export const tokenIssuer = 'https://issuer.test'
export const tokenAudience = 'kafka'

const module = 'org.apache.kafka.common.security'

/** What a broker needs for `SASL_SSL` (SCRAM, PLAIN, OAUTHBEARER) on one port and mutual TLS (`SSL`) on another. */
export async function kafkaSecurityFiles(
  options: KafkaSecurityOptions,
  dataDir: string,
  ports: { readonly saslSsl: number; readonly ssl: number },
): Promise<KafkaSecurityFiles> {
  const { authority, certificate, passwords, jwks, sessionMsMax } = options
  const keystore = join(dataDir, 'broker.pem')
  const jwksPath = join(dataDir, 'jwks.json')
  await writeFile(keystore, certificate.key + certificate.cert + authority.ca)
  await writeFile(jwksPath, jwks)
  const users = Object.entries(passwords)
  const plainUsers = users.map(([name, password]) => `user_${name}="${password}"`).join(' ')
  const sasl = (mechanism: string, setting: string): string => `listener.name.sasl_ssl.${mechanism}.${setting}`
  return {
    listeners: `SASL_SSL://127.0.0.1:${ports.saslSsl},SSL://127.0.0.1:${ports.ssl}`,
    properties: {
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL',
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
      'sasl.enabled.mechanisms': 'SCRAM-SHA-512,PLAIN,OAUTHBEARER',
      'connections.max.reauth.ms': String(sessionMsMax),
      [sasl('scram-sha-512', 'sasl.jaas.config')]: `${module}.scram.ScramLoginModule required;`,
      [sasl('plain', 'sasl.jaas.config')]: `${module}.plain.PlainLoginModule required ${plainUsers};`,
      [sasl('oauthbearer', 'sasl.jaas.config')]: `${module}.oauthbearer.OAuthBearerLoginModule required;`,
      [sasl('oauthbearer', 'sasl.server.callback.handler.class')]:
        `${module}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
      [sasl('oauthbearer', 'sasl.oauthbearer.jwks.endpoint.url')]: `file://${jwksPath}`,
      [sasl('oauthbearer', 'sasl.oauthbearer.expected.audience')]: tokenAudience,
      [sasl('oauthbearer', 'sasl.oauthbearer.expected.issuer')]: tokenIssuer,
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': keystore,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': authority.caPath,
      'listener.name.ssl.ssl.client.auth': 'required',
      'ssl.principal.mapping.rules': 'RULE:^CN=([^,]+).*$/$1/',
    },
    formatArgs: users.flatMap(([name, password]) => [
      '--add-scram',
      `SCRAM-SHA-512=[name=${name},password=${password}]`,
    ]),
    jvmArgs: [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://${jwksPath}`],
  }
}
