import assert from 'node:assert/strict'
import { stringify } from 'yaml'
import { parseManifests, podSpecs, type Manifest, type PodSpec } from '../manifest.ts'
import { renderings } from '../renderings.ts'
import { refusal, type StepParts } from './step.ts'

const dryRun = ['--dry-run=server', '--validate=strict', '-f', '-']
const applied = ['apply', ...dryRun]

/** Every rendering through the API server's own validation, unknown fields of CRDs' kinds too; and each pod through pod security. */
export async function checkAdmission({ cluster, say }: StepParts): Promise<void> {
  for (const [name, render] of Object.entries(renderings)) {
    // Pods want their accounts to be there: they come last.
    const manifests = parseManifests(await render()).filter(({ kind }) => kind !== 'Pod')
    await cluster.kubectl(applied, yaml(manifests))
    say(`apply --dry-run=server --validate=strict: ${name}, ${manifests.length} objects taken`)
  }
  await refuseUnknownFields({ cluster, say })
  await checkPods({ cluster, say })
}

async function everything(): Promise<string> {
  const render = renderings['everything']
  if (render === undefined) throw new Error('there is no rendering with everything on')
  return render()
}

async function refuseUnknownFields({ cluster, say }: StepParts): Promise<void> {
  const manifests = parseManifests(await everything())
  for (const kind of ['Deployment', 'NetworkPolicy', 'ScaledObject', 'ServiceMonitor', 'PrometheusRule']) {
    const found = manifests.find((manifest) => manifest.kind === kind)
    if (found === undefined) throw new Error(`no ${kind} was rendered`)
    const odd = { ...found, spec: { ...found.spec, siltTypo: true } }
    assert.match(await refusal(cluster.kubectl(applied, yaml([odd]))), /siltTypo/)
  }
  say(
    'the same with an unknown field: refused for Deployment, NetworkPolicy, ScaledObject, ServiceMonitor, PrometheusRule',
  )
}

/** Deployments are stored whatever their pods are; only a pod is held against the namespace's standard. */
async function checkPods({ cluster, say }: StepParts): Promise<void> {
  const manifests = parseManifests(await everything())
  for (const account of manifests.filter(({ kind }) => kind === 'ServiceAccount'))
    await cluster.kubectl(['apply', '-f', '-'], yaml([account]))
  const pods = podSpecs(manifests)
  for (const [id, spec] of pods) {
    const name = id.split('/')[1] ?? ''
    const made = await cluster.kubectl(['create', '-o', 'json', ...dryRun], yaml([pod(name, spec)]))
    const { volumes = [] } = (JSON.parse(made) as { spec: { volumes?: { name: string }[] } }).spec
    assert.deepEqual(
      volumes.filter((volume) => volume.name.startsWith('kube-api-access')),
      [],
      `${id} has a token`,
    )
  }
  say(`pods under the restricted standard: ${[...pods.keys()].join(', ')}: taken, none with a token of the API`)
  const [writer] = [...pods].filter(([id]) => id === 'Deployment/silt-writer').map(([, spec]) => spec)
  if (writer === undefined) throw new Error('no writer was rendered')
  const root = {
    ...writer,
    securityContext: { runAsUser: 0 },
    containers: writer.containers.map(({ name }) => ({ name, image: 'x' })),
  }
  assert.match(
    await refusal(cluster.kubectl(['create', ...dryRun], yaml([pod('as-root', root)]))),
    /violates PodSecurity/,
  )
  say('the writer without its security contexts: refused (violates PodSecurity "restricted:latest")')
  for (const account of manifests.filter(({ kind }) => kind === 'ServiceAccount'))
    await cluster.kubectl(['delete', '--namespace', 'silt', 'serviceaccount', account.metadata.name])
}

function pod(name: string, spec: PodSpec): Manifest {
  // Placed by labels that only a Deployment's pods have.
  const { topologySpreadConstraints: _, ...rest } = spec
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'silt' },
    spec: rest,
  }
}

function yaml(manifests: readonly Manifest[]): string {
  return manifests.map((manifest) => stringify(manifest, { aliasDuplicateObjects: false })).join('---\n')
}
