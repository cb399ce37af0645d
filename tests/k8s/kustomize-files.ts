import { stringify } from 'yaml'
import { renderChart } from './helm.ts'
import { manifestId, parseManifests, type Manifest } from './manifest.ts'

const header = '# Generated from the Helm chart: npm run k8s:sync --workspace tests\n'
const kustomize = 'deploy/k8s/kustomize'

/**
 * kustomize's base and components, rendered from the chart with its production switches, sorted into folders. ConfigMaps of settings become
 * generators, so that an overlay's changed setting has another name and rolls the pods.
 */
export async function kustomizeFiles(): Promise<ReadonlyMap<string, string>> {
  const base = parseManifests(await renderChart({ set: baseValues })).filter((manifest) => !isHelmOnly(manifest))
  const settings = base.filter(isSettings)
  const objects = base.filter((manifest) => !isSettings(manifest))
  const added = (values: readonly string[]): Promise<readonly Manifest[]> => addedBy(base, values)
  const keda = await added(['writer.autoscaling.enabled=true', 'ingestor.autoscaling.enabled=true'])
  const policies = await added(['networkPolicy.enabled=true'])
  const monitoring = await added([
    'monitoring.serviceMonitor.enabled=true',
    'monitoring.rules.enabled=true',
    'monitoring.dashboards.enabled=true',
  ])
  return new Map([
    ...folder('base', 'Kustomization', objects, {
      namespace: 'silt',
      configMapGenerator: settings.map(({ metadata }) => ({ name: metadata.name, envs: [`${metadata.name}.env`] })),
    }),
    ...settings.map(({ metadata, data }) => [`${kustomize}/base/${metadata.name}.env`, envFile(data ?? {})] as const),
    ...folder('components/keda', 'Component', keda, { patches: ['silt-ingestor', 'silt-writer'].map(withoutReplicas) }),
    ...folder('components/network-policies', 'Component', policies, {}),
    ...folder('components/monitoring', 'Component', monitoring, {}),
  ])
}

/** KEDA decides over their number; a number in the manifest would set it back at each apply. */
function withoutReplicas(name: string): Readonly<Record<string, unknown>> {
  return { target: { kind: 'Deployment', name }, patch: yaml([{ op: 'remove', path: '/spec/replicas' }]) }
}

/** What a cluster is given for sure; the rest is a component or an overlay's. */
const baseValues = ['operator.role.create=true']

function isHelmOnly({ metadata }: Manifest): boolean {
  return metadata.annotations?.['helm.sh/hook'] !== undefined
}

function isSettings({ kind, metadata }: Manifest): boolean {
  return kind === 'ConfigMap' && metadata.labels?.['grafana_dashboard'] === undefined
}

async function addedBy(base: readonly Manifest[], set: readonly string[]): Promise<readonly Manifest[]> {
  const known = new Set(base.map(manifestId))
  const all = parseManifests(await renderChart({ set: [...baseValues, ...set] }))
  return all.filter((manifest) => !known.has(manifestId(manifest)) && !isHelmOnly(manifest))
}

function folder(
  path: string,
  kind: 'Kustomization' | 'Component',
  manifests: readonly Manifest[],
  more: Readonly<Record<string, unknown>>,
): readonly (readonly [string, string])[] {
  const byFile = new Map<string, Manifest[]>()
  for (const manifest of manifests) {
    const file = fileName(manifest)
    byFile.set(file, [...(byFile.get(file) ?? []), plain(manifest)])
  }
  const apiVersion = kind === 'Component' ? 'kustomize.config.k8s.io/v1alpha1' : 'kustomize.config.k8s.io/v1beta1'
  const resources = [...byFile.keys()].sort()
  const kustomization = { apiVersion, kind, ...more, resources }
  return [
    [`${kustomize}/${path}/kustomization.yaml`, `${header}${yaml(kustomization)}`],
    ...[...byFile].map(
      ([file, parts]) => [`${kustomize}/${path}/${file}`, header + parts.map(yaml).join('---\n')] as const,
    ),
  ]
}

/** One file an actor, one a kind for the rest. */
function fileName({ kind, metadata }: Manifest): string {
  const words = kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()
  if (kind === 'Deployment') return `${metadata.name}.yaml`
  if (kind === 'ConfigMap' || kind === 'PrometheusRule') return `${metadata.name}.yaml`
  return kind.endsWith('y') ? `${words.slice(0, -1)}ies.yaml` : `${words}s.yaml`
}

/** Without what only Helm's releases have: labels of the chart, the checksum that stands for a generator's suffix, the namespace. */
function plain(manifest: Manifest): Manifest {
  const copy = structuredClone(manifest) as unknown as Record<string, never>
  strip(copy)
  return copy as unknown as Manifest
}

const helmLabels = ['helm.sh/chart', 'app.kubernetes.io/managed-by']

function strip(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) return value.forEach(strip)
  const node = value as Record<string, unknown>
  for (const label of helmLabels) delete node[label]
  const { metadata } = node as { metadata?: { namespace?: string; annotations?: Record<string, string> } }
  if (metadata !== undefined) {
    delete metadata.namespace
    const { annotations } = metadata
    if (annotations !== undefined) {
      for (const key of Object.keys(annotations)) if (key.startsWith('checksum/')) delete annotations[key]
      if (Object.keys(annotations).length === 0) delete metadata.annotations
    }
  }
  Object.values(node).forEach(strip)
}

function envFile(data: Readonly<Record<string, string>>): string {
  const lines = Object.entries(data).map(([name, value]) => `${name}=${value}\n`)
  return header + lines.join('')
}

function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
}
