import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { capture } from './capture.ts'
import { kubeVersion } from './helm.ts'
import { manifestId, type Manifest } from './manifest.ts'
import { pythonTool } from './python-tools.ts'

const models: Readonly<Record<string, string>> = {
  'keda.sh': '@kubernetes-models/keda/',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator/',
}

interface Model {
  validate(): void
}
type ModelClass = new (manifest: Manifest) => Model

/** What the kinds' own schemas (Kubernetes, KEDA, the Prometheus operator) find wrong, one line an object. */
export async function modelFaults(manifests: readonly Manifest[]): Promise<readonly string[]> {
  const faults = await Promise.all(
    manifests.map(async (manifest) => {
      const { apiVersion, kind } = manifest
      const path = `${models[group(manifest)] ?? 'kubernetes-models/'}${apiVersion}/${kind}`
      const found = (await import(path)) as Readonly<Record<string, ModelClass | undefined>>
      const Class = found[kind]
      if (Class === undefined) return `${manifestId(manifest)}: no model of ${apiVersion}`
      try {
        new Class(manifest).validate()
        return undefined
      } catch (error) {
        return `${manifestId(manifest)}: ${String(error)}`
      }
    }),
  )
  return faults.filter((fault) => fault !== undefined)
}

/** Checks built-in kinds by kubernetes-validate, where an unknown field is a fault. Rejects with what it says. */
export async function validateStrictly(manifests: readonly Manifest[], scratch: string): Promise<void> {
  const file = join(scratch, `${crypto.randomUUID()}.yaml`)
  const builtIn = manifests.filter((manifest) => models[group(manifest)] === undefined)
  await writeFile(file, builtIn.map((manifest) => stringify(manifest, { aliasDuplicateObjects: false })).join('---\n'))
  await capture(pythonTool('kubernetes-validate'), [
    '--strict',
    '--quiet',
    '--kubernetes-version',
    kubeVersion.replace(/\.\d+$/, ''),
    file,
  ])
}

function group({ apiVersion }: Manifest): string {
  return apiVersion.split('/')[0] ?? ''
}
