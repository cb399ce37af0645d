import { rootCertificates } from 'node:tls'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadSettings } from '@silt/config'
import { renderChart } from './helm.ts'
import { parseManifests, podSpecs, type Manifest } from './manifest.ts'
import { podEnvironment } from './pod-environment.ts'
import { kustomizeBuild } from './renderings.ts'

/** What an operator's Secrets would hold. */
const secretTexts: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  HTTP_TOKEN: 'token-of-16-characters-or-more',
  CONSOLE_TOKEN: 'token-of-16-characters-to-look',
  CONSOLE_ADMIN_TOKEN: 'token-of-16-characters-to-act',
  'ca.crt': rootCertificates[0] ?? '',
  KAFKA_SSL_CA: rootCertificates[0] ?? '',
  REDIS_CA: rootCertificates[0] ?? '',
}

const variants: Readonly<Record<string, () => Promise<string>>> = {
  default: () => renderChart(),
  minimal: () => renderChart({ files: ['values-minimal.yaml'] }),
  production: () => renderChart({ files: ['values-production.yaml'] }),
  'kustomize minimal': () => kustomizeBuild('minimal'),
  'kustomize production': () => kustomizeBuild('production'),
}

describe.each(Object.entries(variants))('%s', (_, render) => {
  let manifests: readonly Manifest[]
  beforeAll(async () => {
    manifests = parseManifests(await render())
  })

  test('every actor is given settings that Silt takes, nothing beside the point', () => {
    const pods = podSpecs(manifests)
    expect(pods.size).toBeGreaterThanOrEqual(3)
    for (const [id, pod] of pods)
      for (const container of pod.containers)
        expect(() => loadSettings(source(podEnvironment(container, manifests))), id).not.toThrow()
  })

  test('no pod is cut short while Silt still drains', () => {
    for (const [id, pod] of podSpecs(manifests)) {
      const [container] = pod.containers
      if (container?.args?.[0] !== 'run') continue
      const { SHUTDOWN_DEADLINE_MS } = loadSettings(source(podEnvironment(container, manifests)))
      expect((pod.terminationGracePeriodSeconds ?? 0) * 1000, id).toBeGreaterThan(SHUTDOWN_DEADLINE_MS + 5000)
    }
  })
})

test('a longer SHUTDOWN_DEADLINE_MS of one actor gives its pods longer', async () => {
  const manifests = parseManifests(await renderChart({ set: ['writer.settings.SHUTDOWN_DEADLINE_MS=90500'] }))
  const grace = (id: string): number | undefined => podSpecs(manifests).get(id)?.terminationGracePeriodSeconds
  expect([grace('Deployment/silt-writer'), grace('Deployment/silt-ingestor')]).toEqual([101, 30])
})

test('a large number stays a whole number', async () => {
  const [set] = [['settings.UNCOMMITTED_OFFSETS_MAX=1000000000']]
  const settings = parseManifests(await renderChart({ set })).find(({ metadata }) => metadata.name === 'silt-settings')
  expect(settings?.data?.['UNCOMMITTED_OFFSETS_MAX']).toBe('1000000000')
})

test('a changed setting rolls the pods that have it, in both ways to deploy', async () => {
  const checksums = async (set: readonly string[]): Promise<unknown> =>
    parseManifests(await renderChart({ set }))
      .filter(({ kind }) => kind === 'Deployment')
      .map((deployment) => [deployment.metadata.name, JSON.stringify(deployment.spec?.['template'])])
  const before = new Map((await checksums([])) as [string, string][])
  const kafkaOnly = new Map((await checksums(['settings.KAFKA_SESSION_TIMEOUT_MS=9000'])) as [string, string][])
  const changed = [...before].filter(([name, template]) => kafkaOnly.get(name) !== template).map(([name]) => name)
  expect(changed).toEqual(['silt-ingestor', 'silt-writer'])
  // kustomize: the name of the ConfigMap says what is in it.
  expect(await kustomizeBuild('minimal')).toMatch(/name: silt-settings-[a-z0-9]{10}/)
})

function source(variables: Readonly<Record<string, string>>): Parameters<typeof loadSettings>[0] {
  const name = (path: string): string => path.split('/').at(-1) ?? ''
  return { environment: variables, readTextFile: (path) => secretTexts[name(path)] ?? 'a-secret' }
}
