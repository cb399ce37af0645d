import assert from 'node:assert/strict'
import { chartDir, valueArguments, type RenderOptions } from '../helm.ts'
import { manifestId, parseManifests } from '../manifest.ts'
import { refusal, type StepParts } from './step.ts'

const minimal: RenderOptions = { files: ['values-minimal.yaml'] }
const production: RenderOptions = { files: ['values-production.yaml'] }
/** Everything a release may consist of. */
const kinds = [
  ...['deployments', 'services', 'configmaps', 'serviceaccounts', 'poddisruptionbudgets', 'networkpolicies'],
  ...['roles', 'rolebindings', 'scaledobjects', 'triggerauthentications', 'servicemonitors', 'prometheusrules'],
].join(',')
const inSilt = ['--namespace', 'silt']

/** install → upgrade of settings → upgrade of one actor → upgrade to production → rollback → uninstall; looked at in the API after each. */
export async function runRelease({ cluster, say }: StepParts): Promise<void> {
  const release = async (verb: readonly string[], options: RenderOptions): Promise<void> => {
    await cluster.helm([...verb, 'silt', chartDir, ...inSilt, ...valueArguments(options)])
  }
  const stored = async (path: string, name: string): Promise<string> =>
    cluster.kubectl(['get', ...name.split('/'), ...inSilt, '-o', `jsonpath=${path}`])
  const template = (actor: string): Promise<string> => stored('{.spec.template}', `deployment/silt-${actor}`)

  const why = await refusal(release(['install'], { ...minimal, set: ['settings.BATCHSIZE=1'] }))
  assert.match(why, /'BATCHSIZE' not allowed/)
  assert.deepEqual(await liveObjects({ cluster, say }), [])
  say('helm install with a misspelt setting: refused, nothing was made')

  await release(['install'], minimal)
  assert.deepEqual(await liveObjects({ cluster, say }), await renderedObjects({ cluster, say }))
  assert.equal(await stored('{.spec.replicas}', 'deployment/silt-writer'), '1')
  say(`helm install, values-minimal.yaml: ${(await liveObjects({ cluster, say })).length} objects as rendered`)

  const [ingestorBefore, committerBefore] = [await template('ingestor'), await template('committer')]
  await release(['upgrade'], { ...minimal, set: ['settings.KAFKA_SESSION_TIMEOUT_MS=9000', 'writer.replicas=4'] })
  assert.equal(await stored('{.data.KAFKA_SESSION_TIMEOUT_MS}', 'configmap/silt-kafka'), '9000')
  assert.equal(await stored('{.spec.replicas}', 'deployment/silt-writer'), '4')
  assert.notEqual(await template('ingestor'), ingestorBefore)
  assert.equal(await template('committer'), committerBefore)
  say('helm upgrade, a setting of Kafka and writer.replicas=4: ingestor and writer roll, the committer does not')

  await release(['upgrade'], { ...minimal, set: ['committer.image.tag="0.2.0"'] })
  assert.equal(await stored('{.spec.template.spec.containers[0].image}', 'deployment/silt-committer'), 'silt:0.2.0')
  assert.equal(await stored('{.spec.template.spec.containers[0].image}', 'deployment/silt-writer'), 'silt:0.1.0')
  say('helm upgrade, committer.image.tag=0.2.0: only the committer has the new image')

  await release(['upgrade'], production)
  assert.deepEqual(await liveObjects({ cluster, say }), await renderedObjects({ cluster, say }))
  assert.equal(await stored('{.spec.maxReplicaCount}', 'scaledobject/silt-writer'), '24')
  say(`helm upgrade, values-production.yaml: ${(await liveObjects({ cluster, say })).length} objects as rendered`)

  await cluster.helm(['rollback', 'silt', '2', ...inSilt])
  assert.deepEqual(await liveObjects({ cluster, say }), await renderedObjects({ cluster, say }))
  assert.equal(await stored('{.spec.replicas}', 'deployment/silt-writer'), '4')
  assert.equal(await stored('{.data.KAFKA_SESSION_TIMEOUT_MS}', 'configmap/silt-kafka'), '9000')
  assert.equal(await stored('{.spec.template.spec.containers[0].image}', 'deployment/silt-committer'), 'silt:0.1.0')
  say('helm rollback to revision 2: its settings, replicas and images are back; what production added is gone')
  say(await cluster.helm(['history', 'silt', ...inSilt]))

  await cluster.helm(['uninstall', 'silt', ...inSilt, '--wait', '--timeout', '60s'])
  assert.deepEqual(await liveObjects({ cluster, say }), [])
  say('helm uninstall: no object of the release is left')
}

/** A release with everything on, for the steps that look at who may do what. */
export async function installProduction({ cluster }: StepParts): Promise<void> {
  await cluster.helm(['install', 'silt', chartDir, ...inSilt, ...valueArguments(production)])
}

export async function uninstall({ cluster }: StepParts): Promise<void> {
  await cluster.helm(['uninstall', 'silt', ...inSilt, '--wait', '--timeout', '60s'])
}

/** What the API server has of the release. */
async function liveObjects({ cluster }: StepParts): Promise<readonly string[]> {
  const labelled = ['--selector', 'app.kubernetes.io/instance=silt,app.kubernetes.io/managed-by=Helm']
  const found = await cluster.kubectl(['get', kinds, ...inSilt, ...labelled, '-o', 'json'])
  const { items } = JSON.parse(found) as { readonly items: readonly Parameters<typeof manifestId>[0][] }
  return items.map(manifestId).sort()
}

/** What helm believes it put there. */
async function renderedObjects({ cluster }: StepParts): Promise<readonly string[]> {
  return parseManifests(await cluster.helm(['get', 'manifest', 'silt', ...inSilt]))
    .map(manifestId)
    .sort()
}
