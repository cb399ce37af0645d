import { join } from 'node:path'
import { moduleFolder } from './api-server-program.ts'
import type { StepParts } from './step.ts'

/** The operators whose kinds the manifests use, at the releases whose CRDs they are checked against. */
const operators = [
  {
    module: 'github.com/kedacore/keda/v2@v2.21.0',
    folder: 'config/crd/bases',
    files: ['keda.sh_scaledobjects.yaml', 'keda.sh_triggerauthentications.yaml'],
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    folder: 'example/prometheus-operator-crd',
    files: ['monitoring.coreos.com_servicemonitors.yaml', 'monitoring.coreos.com_prometheusrules.yaml'],
  },
] as const

/** The CRDs as their projects ship them, and a namespace that enforces the restricted pod security standard. */
export async function prepareCluster({ cluster, say }: StepParts): Promise<void> {
  for (const { module, folder, files } of operators) {
    const where = await moduleFolder(module)
    for (const file of files) await cluster.kubectl(['apply', '--server-side', '-f', join(where, folder, file)])
    say(`CRDs of ${module}: ${files.join(', ')}`)
  }
  await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'])
  await cluster.kubectl(['apply', '-f', '-'], namespaceManifest('silt'))
  say('namespace silt enforces the restricted pod security standard')
}

function namespaceManifest(name: string): string {
  const labels = {
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/enforce-version': 'latest',
  }
  return JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
}
