import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { root } from './run-check.ts'

interface Service {
  readonly image: string
  readonly profiles?: readonly string[]
  readonly ports?: readonly string[]
  readonly restart: string
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly privileged?: boolean
  readonly container_name?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly networks?: readonly string[]
  readonly deploy?: { readonly resources?: { readonly limits?: Readonly<Record<string, string | number>> } }
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
}

const text = (path: string): string => readFileSync(join(root, path), 'utf8')
const compose = parse(text('deploy/compose/compose.yaml'), { merge: true }) as Compose
const services = Object.entries(compose.services)
const lasting = services.filter(([, service]) => service.restart === 'unless-stopped')

/** The faults of one service that a rule finds, each with its name in front. */
const faults = (rule: (service: Service) => string | undefined, of = services): string[] =>
  of.flatMap(([name, service]) => rule(service)?.replace(/^/, `${name}: `) ?? [])

/** A literal that could serve as a password: not empty, not a path, not taken from elsewhere. */
const isSecretName = /PASSWORD|SECRET|TOKEN|ACCESS_KEY$|DSN/

describe('compose.yaml', () => {
  test('every image is pinned by a tag that does not move', () => {
    const pinned = /^[a-z0-9./-]+:(v?\d+\.\d+\.\d+[\w.-]*|RELEASE\.[\dTZ-]+|\$\{SILT_VERSION:-\d+\.\d+\.\d+\})$/
    expect(faults(({ image }) => (pinned.test(image) ? undefined : image))).toEqual([])
  })

  test('every port is published on loopback only', () => {
    expect(faults(({ ports }) => ports?.find((port) => !port.startsWith('127.0.0.1:')))).toEqual([])
  })

  test('every service that lasts has a health check, and every service limits and a restart policy', () => {
    expect(lasting.length).toBeGreaterThanOrEqual(11)
    expect(
      faults(({ healthcheck }) => (healthcheck?.test === undefined ? 'no health check' : undefined), lasting),
    ).toEqual([])
    const limits = ['cpus', 'memory', 'pids']
    const without = ({ deploy }: Service): string | undefined =>
      limits.find((limit) => deploy?.resources?.limits?.[limit] === undefined)
    expect(faults(without)).toEqual([])
    expect(
      faults(({ restart }) => (['unless-stopped', 'on-failure', 'no'].includes(restart) ? undefined : restart)),
    ).toEqual([])
  })

  test('every service runs without capabilities, privileges to gain, or a root file system to write to', () => {
    const loose = (service: Service): string | undefined => {
      if (service.cap_drop?.join() !== 'ALL') return 'keeps capabilities'
      if (service.security_opt?.join() !== 'no-new-privileges:true') return 'may gain privileges'
      return service.privileged === true ? 'is privileged' : undefined
    }
    expect(faults(loose)).toEqual([])
    // The image's own script writes its configuration into it.
    expect(faults((service) => (service.read_only === true ? undefined : 'writable'))).toEqual(['kafka: writable'])
  })

  test('every service can be scaled: none has a name of its own, and no actor publishes a port', () => {
    expect(faults(({ container_name: name }) => name)).toEqual([])
    for (const actor of ['ingestor', 'writer', 'committer']) expect(compose.services[actor]?.ports).toBeUndefined()
  })

  test('no password is written down: secrets are files of a folder that the operator names', () => {
    const written = ({ environment }: Service): string | undefined =>
      Object.entries(environment ?? {}).find(
        ([name, value]) => isSecretName.test(name) && !name.endsWith('_ID') && !value.startsWith('/run/secrets/'),
      )?.[0]
    expect(faults(written)).toEqual([])
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^\$\{SILT_SECRETS(:\?[^}]+)?\}\/\w+$/)
  })

  test('the known password is made by --demo alone, which starts the profile demo', () => {
    const known = 'silt-demo-password'
    expect(text('deploy/compose/compose.yaml')).not.toContain(known)
    expect(text('deploy/compose/init-secrets.sh').split(known)).toHaveLength(2)
    expect(text('deploy/compose/init-secrets.sh')).toContain("if $demo; then echo 'COMPOSE_PROFILES=demo'")
  })

  test('only the network of published ports leads out', () => {
    const open = Object.entries(compose.networks).filter(([, network]) => network.internal !== true)
    expect(open.map(([name]) => name)).toEqual(['edge'])
    expect(
      faults(({ ports, networks }) => (networks?.includes('edge') && !ports ? 'needs no edge' : undefined)),
    ).toEqual([])
  })
})

test('the default profile is the whole pipeline; platform adds the hot store', () => {
  const inProfile = (profile?: string): string[] =>
    services
      .filter(([, { profiles }]) => (profile === undefined ? !profiles : profiles?.includes(profile)))
      .map(([name]) => name)
  const actors = ['ingestor', 'writer', 'committer', 'collector', 'console']
  const servers = ['kafka', 'kafka-init', 'redis', 'minio', 'store-init', 'prometheus', 'grafana']
  expect(inProfile().sort()).toEqual([...actors, ...servers].sort())
  expect(inProfile('platform')).toEqual(['hot-store', 'demo-page', 'bento'])
  expect(inProfile('demo')).toEqual(inProfile('platform'))
})
