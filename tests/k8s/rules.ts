import { manifestId, podSpecs, type Container, type Manifest, type PodSpec } from './manifest.ts'

/** What every pod of Silt keeps to, whatever the values: one line for each breach. */
export function podFaults(manifests: readonly Manifest[]): readonly string[] {
  return [...podSpecs(manifests)].flatMap(([id, pod]) => {
    const shortLived = id.startsWith('Pod/')
    return [...podLevel(pod), ...pod.containers.flatMap((container) => containerLevel(container, shortLived))].map(
      (fault) => `${id}: ${fault}`,
    )
  })
}

/** Breaches between objects: names that nothing has, selectors that pick nothing. */
export function referenceFaults(manifests: readonly Manifest[]): readonly string[] {
  const ids = new Set(manifests.map(manifestId))
  const faults: string[] = []
  const need = (id: string, by: string): void => {
    if (!ids.has(id)) faults.push(`${by} names ${id}, which is not there`)
  }
  for (const [id, pod] of podSpecs(manifests)) {
    need(`ServiceAccount/${pod.serviceAccountName}`, id)
    for (const { envFrom = [] } of pod.containers)
      for (const { configMapRef } of envFrom) need(`ConfigMap/${configMapRef?.name}`, id)
  }
  for (const manifest of manifests) {
    const spec = manifest.spec as { readonly scaleTargetRef?: { readonly name: string } } | undefined
    if (spec?.scaleTargetRef !== undefined) {
      need(`Deployment/${spec.scaleTargetRef.name}`, manifestId(manifest))
      const target = manifests.find(
        ({ kind, metadata }) => kind === 'Deployment' && metadata.name === spec.scaleTargetRef?.name,
      )
      if (target?.spec?.['replicas'] !== undefined)
        faults.push(`${manifestId(target)} has replicas beside its ScaledObject`)
    }
    if (selectsNothing(manifest, manifests)) faults.push(`${manifestId(manifest)} selects no pod`)
  }
  const twice = manifests.map(manifestId).filter((id, index, all) => all.indexOf(id) !== index)
  return [...faults, ...twice.map((id) => `${id} is there twice`)]
}

function podLevel(pod: PodSpec): readonly string[] {
  const security = pod.securityContext ?? {}
  return faultsOf({
    'a service account of its own': pod.serviceAccountName !== undefined && pod.serviceAccountName !== 'default',
    'no token of the Kubernetes API': pod.automountServiceAccountToken === false,
    runAsNonRoot: security['runAsNonRoot'] === true,
    'a user other than root': Number(security['runAsUser']) > 0,
    'the default seccomp profile':
      (security['seccompProfile'] as { type?: string } | undefined)?.type === 'RuntimeDefault',
  })
}

function containerLevel(container: Container, shortLived: boolean): readonly string[] {
  const security = container.securityContext ?? {}
  const { requests = {}, limits = {} } = container.resources ?? {}
  const capabilities = security['capabilities'] as { drop?: string[]; add?: string[] } | undefined
  return faultsOf({
    'a read-only root file system': security['readOnlyRootFilesystem'] === true,
    'no privilege escalation': security['allowPrivilegeEscalation'] === false,
    'every capability dropped': capabilities?.drop?.[0] === 'ALL' && capabilities.add === undefined,
    'requests of cpu and memory': requests['cpu'] !== undefined && requests['memory'] !== undefined,
    'limits of cpu and memory': limits['cpu'] !== undefined && limits['memory'] !== undefined,
    'a liveness probe': shortLived || container.livenessProbe !== undefined,
    'a readiness probe': shortLived || container.readinessProbe !== undefined,
    'a startup probe': shortLived || container.args?.[0] !== 'run' || container.startupProbe !== undefined,
    'secrets mounted read-only': (container.volumeMounts ?? []).every(
      ({ mountPath, readOnly }) => !mountPath.startsWith('/etc/') || readOnly === true,
    ),
  })
}

function faultsOf(rules: Readonly<Record<string, boolean>>): readonly string[] {
  return Object.entries(rules)
    .filter(([, kept]) => !kept)
    .map(([rule]) => `lacks ${rule}`)
}

type Labels = Readonly<Record<string, string>>

/** Of Services, disruption budgets: by plain labels; network policies are looked at where they are tested. */
function selectsNothing({ kind, spec }: Manifest, manifests: readonly Manifest[]): boolean {
  if (kind !== 'Service' && kind !== 'PodDisruptionBudget') return false
  const selector = spec?.['selector'] as Labels & { readonly matchLabels?: Labels }
  const wanted = Object.entries(selector.matchLabels ?? selector)
  return !manifests.some((manifest) => {
    if (manifest.kind !== 'Deployment') return false
    const { template } = manifest.spec as { readonly template: { readonly metadata: { readonly labels: Labels } } }
    return wanted.every(([label, value]) => template.metadata.labels[label] === value)
  })
}
