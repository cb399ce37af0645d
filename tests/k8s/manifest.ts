import { parseAllDocuments } from 'yaml'

/** A Kubernetes object as far as the checks look into it. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec?: Readonly<Record<string, unknown>>
  readonly data?: Readonly<Record<string, string>>
  readonly rules?: readonly unknown[]
}

export interface Container {
  readonly name: string
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[]
  readonly resources?: Readonly<Record<'requests' | 'limits', Readonly<Record<string, string>> | undefined>>
  readonly securityContext?: Readonly<Record<string, unknown>>
  readonly startupProbe?: unknown
  readonly livenessProbe?: unknown
  readonly readinessProbe?: unknown
  readonly volumeMounts?: readonly { readonly mountPath: string; readonly readOnly?: boolean }[]
}

export interface PodSpec {
  readonly serviceAccountName?: string
  readonly automountServiceAccountToken?: boolean
  readonly securityContext?: Readonly<Record<string, unknown>>
  readonly terminationGracePeriodSeconds?: number
  readonly topologySpreadConstraints?: readonly unknown[]
  readonly containers: readonly Container[]
}

/** Every object of a YAML stream, as kubectl reads it. */
export function parseManifests(yaml: string): readonly Manifest[] {
  return parseAllDocuments(yaml, { version: '1.1' })
    .map((document) => {
      if (document.errors.length > 0) throw new Error(document.errors.map(({ message }) => message).join('\n'))
      return document.toJS() as Manifest | null
    })
    .filter((manifest) => manifest !== null)
}

/** `Kind/name`: unique among the objects of one namespace. */
export function manifestId({ kind, metadata }: Manifest): string {
  return `${kind}/${metadata.name}`
}

/** The pods that objects make or are, by the object's id. */
export function podSpecs(manifests: readonly Manifest[]): ReadonlyMap<string, PodSpec> {
  const found = new Map<string, PodSpec>()
  for (const manifest of manifests) {
    if (manifest.kind === 'Pod') found.set(manifestId(manifest), manifest.spec as unknown as PodSpec)
    if (manifest.kind !== 'Deployment') continue
    const { template } = manifest.spec as { readonly template: { readonly spec: PodSpec } }
    found.set(manifestId(manifest), template.spec)
  }
  return found
}
