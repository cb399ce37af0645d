import { anyText, oneOf, setting, text } from './setting-definition.ts'
import { pemCertificates, pemPrivateKey } from './pem.ts'

/** How the brokers are reached: transport, who trusts whom, who we are. */
export const kafkaSecuritySettings = Object.freeze({
  KAFKA_SECURITY_PROTOCOL: setting(
    oneOf('PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'),
    'PLAINTEXT',
    'As the brokers call the listener: whether TLS and SASL are spoken.',
  ),
  KAFKA_SASL_MECHANISM: setting(
    oneOf('PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'),
    undefined,
    'Required with SASL_SSL and SASL_PLAINTEXT.',
  ),
  KAFKA_SASL_USERNAME: setting(anyText, undefined, 'User of PLAIN and SCRAM.'),
  KAFKA_SASL_PASSWORD: setting(anyText, undefined, 'Its password.', { secret: true }),
  KAFKA_SASL_OAUTHBEARER_METHOD: setting(
    oneOf('token', 'client-credentials', 'aws-msk-iam'),
    'token',
    'Where the token comes from: given, asked of a token endpoint, or signed for Amazon MSK in AWS_REGION.',
  ),
  KAFKA_SASL_OAUTHBEARER_TOKEN: setting(
    anyText,
    undefined,
    'The token; by its `_FILE` it is read again at each connection.',
    { secret: true },
  ),
  KAFKA_SASL_OAUTHBEARER_TOKEN_URL: setting(
    text(
      /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/])[^\s@]+$/,
      'must be an https URL without user or password (http only to this machine)',
    ),
    undefined,
    'Token endpoint of client-credentials.',
  ),
  KAFKA_SASL_OAUTHBEARER_CLIENT_ID: setting(anyText, undefined, 'Client id at the token endpoint.'),
  KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET: setting(anyText, undefined, 'Its secret.', { secret: true }),
  KAFKA_SASL_OAUTHBEARER_SCOPE: setting(anyText, undefined, 'Scope asked for at the token endpoint.'),
  KAFKA_SASL_OAUTHBEARER_EXTENSIONS: setting(
    text(/^[A-Za-z]+=[^,\s]+(,[A-Za-z]+=[^,\s]+)*$/, 'must be name=value, several separated by commas'),
    undefined,
    'SASL extensions sent with the token (`logicalCluster=…`).',
  ),
  KAFKA_SSL_CA: setting(
    pemCertificates,
    undefined,
    "Authorities (PEM) that the brokers are trusted by. Unset: Node's own list and NODE_EXTRA_CA_CERTS.",
  ),
  KAFKA_SSL_CERT: setting(pemCertificates, undefined, 'Our certificate (PEM, with its chain) for mutual TLS.'),
  KAFKA_SSL_KEY: setting(pemPrivateKey, undefined, 'Private key (PEM, not encrypted) of KAFKA_SSL_CERT.', {
    secret: true,
  }),
})

/** Who we are to Redis, and whom we trust there. */
export const redisSecuritySettings = Object.freeze({
  REDIS_USERNAME: setting(anyText, undefined, 'ACL user, where REDIS_URL names none.'),
  REDIS_PASSWORD: setting(anyText, undefined, 'Password, where REDIS_URL has none.', { secret: true }),
  REDIS_CA: setting(pemCertificates, undefined, 'Authorities (PEM) that a rediss:// server is trusted by.'),
  REDIS_CERT: setting(pemCertificates, undefined, 'Our certificate (PEM, with its chain) for mutual TLS.'),
  REDIS_KEY: setting(pemPrivateKey, undefined, 'Private key (PEM, not encrypted) of REDIS_CERT.', { secret: true }),
})
