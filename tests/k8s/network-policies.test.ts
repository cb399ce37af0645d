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

type Policies = ReadonlyMap<string, Policy>

let policies: Policies
/** Labels of every pod, the doctors' too. */
let pods: ReadonlyMap<string, Labels>

beforeAll(async () => {
  const manifests = parseManifests(await renderChart({ set }))
  policies = policiesOf(manifests)
  pods = new Map(manifests.flatMap((manifest) => podLabels(manifest)))
})

function policiesOf(manifests: readonly Manifest[]): Policies {
  const specs = manifests.filter(({ kind }) => kind === 'NetworkPolicy')
  return new Map(specs.map(({ metadata, spec }) => [metadata.name, spec as unknown as Policy]))
}

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

/** Ports of token endpoints that values given besides open, by actor; the narrowing of each rule. */
async function tokens(more: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const rendered = policiesOf(parseManifests(await renderChart({ set: [...set, ...more] })))
  const rules = [...rendered].filter(([name]) => name.startsWith('silt-to-token-')).map(([, policy]) => policy)
  const actors = ['ingestor', 'writer', 'committer', 'collector', 'console', 'operator']
  const opened = actors.map((actor) => {
    const own = rules.filter((policy) => selects(policy, pods.get(`Deployment/silt-${actor}`) ?? {}))
    const ports = own.flatMap(({ egress = [] }) => egress.flatMap((rule) => rule.ports.map(({ port }) => port)))
    return [actor, ports.sort()] as const
  })
  const to = rules.flatMap(({ egress = [] }) => egress.flatMap((rule) => (rule.to === undefined ? [] : [rule.to])))
  return { ...Object.fromEntries(opened.filter(([, ports]) => ports.length > 0)), ...(to.length > 0 ? { to } : {}) }
}

const bearer = (method: string): string[] => [
  'settings.KAFKA_SECURITY_PROTOCOL="SASL_SSL"',
  'settings.KAFKA_SASL_MECHANISM="OAUTHBEARER"',
  `settings.KAFKA_SASL_OAUTHBEARER_METHOD="${method}"`,
]
const tokenUrl = (url: string): string => `settings.KAFKA_SASL_OAUTHBEARER_TOKEN_URL="${url}"`
const role = (actor: string): string =>
  `${actor}.serviceAccount.annotations={"eks.amazonaws.com/role-arn":"arn:aws:iam::111122223333:role/silt"}`
const to = [{ ipBlock: { cidr: '10.0.0.0/8' } }]
const forKafka = (...ports: number[]): Readonly<Record<string, unknown>> => ({
  ingestor: ports,
  writer: ports,
  collector: ports,
  operator: ports,
})

test.each([
  ['SCRAM asks for none', ['settings.KAFKA_SASL_MECHANISM="SCRAM-SHA-512"', tokenUrl('https://idp:8443/token')], {}],
  ['a given token is not asked for', bearer('token'), {}],
  [
    'client credentials',
    [...bearer('client-credentials'), tokenUrl('https://idp.example:8443/realms/silt/token')],
    forKafka(8443),
  ],
  ['a URL without port', [...bearer('client-credentials'), tokenUrl('https://idp.example/token')], forKafka(443)],
  ['an endpoint in the pod', [...bearer('client-credentials'), tokenUrl('http://localhost:8080/token')], {}],
  ['Amazon MSK', bearer('aws-msk-iam'), forKafka(443)],
  [
    "an actor's own settings",
    ['collector.settings={"KAFKA_SASL_MECHANISM":"OAUTHBEARER","KAFKA_SASL_OAUTHBEARER_METHOD":"aws-msk-iam"}'],
    { collector: [443] },
  ],
  ['roles of those that use the store', [role('committer'), role('console'), role('collector')], { committer: [443] }],
  [
    'a role and client credentials',
    [...bearer('client-credentials'), tokenUrl('https://idp:8443/token'), role('writer'), role('committer')],
    { ...forKafka(8443), writer: [443, 8443], committer: [443] },
  ],
  [
    'addresses named',
    [...bearer('aws-msk-iam'), role('writer'), `networkPolicy.token.to=${JSON.stringify(to)}`],
    { ...forKafka(443), to: [to] },
  ],
  ['ports named, whatever is known', ['networkPolicy.token.ports=[80]'], { ...forKafka(80), committer: [80] }],
  [
    'ports named stand instead',
    [...bearer('aws-msk-iam'), 'networkPolicy.token.ports=[8443,443]'],
    { ...forKafka(443, 8443), committer: [443, 8443] },
  ],
])('token endpoints: %s', async (_name, more, opened) => {
  expect(await tokens(more)).toEqual(opened)
})
