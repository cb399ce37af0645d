import { createPrivateKey, X509Certificate } from 'node:crypto'
import { z } from 'zod'

const certificate = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** One certificate or more, each of which parses. Where a file is meant, the path belongs into `…_FILE`. */
export const pemCertificates: z.ZodType<string, string> = z.string().refine((given) => {
  const found = given.match(certificate) ?? []
  return found.length > 0 && found.every(parses((pem) => new X509Certificate(pem)))
}, 'must be certificates in PEM (-----BEGIN CERTIFICATE-----); give a path as …_FILE')

/** A private key that needs no passphrase. */
export const pemPrivateKey: z.ZodType<string, string> = z.string().refine(
  parses((pem) => createPrivateKey(pem)),
  'must be a private key in PEM without a passphrase; give a path as …_FILE',
)

/** Whether the key is that of the first certificate; both have parsed before. */
export function keyBelongsTo(certificatePem: string, keyPem: string): boolean {
  return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem))
}

function parses(parse: (pem: string) => unknown): (pem: string) => boolean {
  return (pem) => {
    try {
      parse(pem)
      return true
    } catch {
      return false
    }
  }
}
