import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram, missing, runTool } from './tools.ts'

/** A certificate with its key, as files and as text (PEM). */
export interface Certificate {
  readonly certPath: string
  readonly keyPath: string
  readonly cert: string
  readonly key: string
}

/** An authority of the tests' own, made for one run. */
export interface Authority {
  readonly caPath: string
  readonly ca: string
  /** `names` as openssl writes alternative names: `IP:127.0.0.1,DNS:localhost`. */
  issue(commonName: string, names: string): Promise<Certificate>
  dispose(): Promise<void>
}

const opensslMsMax = 120_000
const ecKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const

/** Certificates by openssl: a client and a server of ours must not be checked by code of ours. */
export async function makeAuthority(): Promise<Authority> {
  if (findProgram('openssl') === undefined) throw missing('certificates', 'openssl (Debian: openssl)')
  const folder = await mkdtemp(join(tmpdir(), 'silt-authority-'))
  const openssl = (...args: readonly string[]): Promise<string> =>
    runTool('openssl', args, { timeoutMs: opensslMsMax, cwd: folder })
  const caPath = join(folder, 'ca.crt')
  const self = ['-x509', '-days', '2', '-subj', '/CN=Silt test authority', '-keyout', 'ca.key', '-out', caPath]
  await openssl('req', ...ecKey, ...self)
  let issued = 0
  return {
    caPath,
    ca: readFileSync(caPath, 'utf8'),
    issue: async (commonName, names) => {
      const name = `${++issued}`
      const [certPath, keyPath] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
      await openssl('req', ...ecKey, '-subj', `/CN=${commonName}`, '-keyout', keyPath, '-out', `${name}.csr`)
      await writeFile(join(folder, `${name}.ext`), `subjectAltName=${names}\n`)
      const sign = ['-req', '-in', `${name}.csr`, '-CA', caPath, '-CAkey', 'ca.key', '-days', '2']
      await openssl('x509', ...sign, '-extfile', `${name}.ext`, '-out', certPath)
      return { certPath, keyPath, cert: readFileSync(certPath, 'utf8'), key: readFileSync(keyPath, 'utf8') }
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  }
}
