import { beforeAll, expect, test } from 'vitest'
import { renderChart } from './helm.ts'
import { manifestId, parseManifests, type Manifest } from './manifest.ts'

type Labels = Readonly<Record<string, string>>

interface Policy {
  readonly podSelector: {
    readonly matchLabels: Labels
    readonly matchExpressions?: readonly {
      readonly key: string
      readonly operator: 'In'
      readonly values: readonly string[]
    }[]
  }
  readonly policyTypes: readonly string[]
  readonly egress?: readonly { readonly ports: readonly { readonly port: number | string }[]; readonly to?: unknown }[]
  readonly ingress?: readonly { readonly ports: readonly { readonly port: number | string }[] }[]
}

const set = [
  'settings.KAFKA_BOOTSTRAP_SERVERS="k1:9096,k2:9097,k3:9096"',
  'settings.REDIS_URL="rediss://redis.data:6380/2"',
  'settings.AWS_ENDPOINT_URL="https://minio.data:9000"',
  'settings.OTEL_EXPORTER_OTLP_ENDPOINT="http://traces:4318"',
  'collector={"enabled":true,"secrets":{"existingSecret":"collector","keys":["HTTP_TOKEN"]}}',
  'console={"enabled":true,"secrets":{"existingSecret":"console","keys":["CONSOLE_TOKEN"]}}',
  'operator.shell=true',
  'networkPolicy={"enabled":true,"metricsFrom":[{"podSelector":{}}],"collectorFrom":[{"podSelector":{}}]}',
]

let policies: ReadonlyMap<string, Policy>
/** Labels of every pod, the doctors' too. */
let pods: ReadonlyMap<string, Labels>

beforeAll(async () => {
  const manifests = parseManifests(await renderChart({ set }))
  const specs = manifests.filter(({ kind }) => kind === 'NetworkPolicy')
  policies = new Map(specs.map(({ metadata, spec }) => [metadata.name, spec as unknown as Policy]))
  pods = new Map(manifests.flatMap((manifest) => podLabels(manifest)))
})

function podLabels(manifest: Manifest): readonly (readonly [string, Labels])[] {
  if (manifest.kind === 'Pod') return [[manifestId(manifest), manifest.metadata.labels ?? {}]]
  if (manifest.kind !== 'Deployment') return []
  const { template } = manifest.spec as { readonly template: { readonly metadata: { readonly labels: Labels } } }
  return [[manifestId(manifest), template.metadata.labels]]
}

function selects({ podSelector }: Policy, labels: Labels): boolean {
  const { matchLabels, matchExpressions = [] } = podSelector
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''))
  )
}

/** Ports a pod may open connections to, and those it is reached on; DNS is everybody's. */
function reach(pod: string): { readonly out: readonly (number | string)[]; readonly in: readonly (number | string)[] } {
  const own = [...policies.values()].filter((policy) => selects(policy, pods.get(pod) ?? {}))
  const ports = (rules: Policy['egress'] | Policy['ingress'] = []): (number | string)[] =>
    rules.flatMap((rule) => rule.ports.map(({ port }) => port))
  const out = own.flatMap(({ egress }) => ports(egress)).filter((port) => port !== 53)
  return { out: out.sort(), in: own.flatMap(({ ingress }) => ports(ingress)).sort() }
}

test('every pod is denied everything first, in both directions', () => {
  const deny = policies.get('silt-deny')
  expect(deny).toMatchObject({ policyTypes: ['Ingress', 'Egress'] })
  expect([deny?.egress, deny?.ingress]).toEqual([undefined, undefined])
  expect(pods.size).toBe(9)
  for (const [id, labels] of pods) expect(selects(deny as Policy, labels), id).toBe(true)
})

const [kafka, redis, store, traces] = [[9096, 9097], [6380], [9000], [4318]]
const whole = [...kafka, ...redis, ...store, ...traces].sort()

test.each([
  ['Deployment/silt-ingestor', whole, ['ops']],
  ['Deployment/silt-writer', whole, ['ops']],
  ['Deployment/silt-committer', [...redis, ...store, ...traces].sort(), ['ops']],
  ['Deployment/silt-collector', [...kafka, ...traces].sort(), ['http', 'ops']],
  // Nobody was named who may open it.
  ['Deployment/silt-console', [...redis, ...traces].sort(), ['ops']],
  ['Deployment/silt-operator', [...kafka, ...redis, ...store].sort(), []],
  ['Pod/silt-doctor-committer', [...redis, ...store, ...traces].sort(), ['ops']],
])('%s reaches what it needs, and is reached where it serves', (pod, out, into) => {
  expect(reach(pod)).toEqual({ out, in: into })
})
