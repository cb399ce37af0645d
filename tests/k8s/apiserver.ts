import { checkAdmission } from './real/admission-steps.ts'
import { startCluster } from './real/cluster.ts'
import { runKustomize } from './real/kustomize-steps.ts'
import { prepareCluster } from './real/prepare-steps.ts'
import { installProduction, runRelease, uninstall } from './real/release-steps.ts'
import { checkRights } from './real/rights-steps.ts'
import type { StepParts } from './real/step.ts'

/**
 * `npm run k8s:apiserver --workspace tests`: the chart and the kustomize overlays on a real kube-apiserver over a real etcd, which are built or
 * found first. Prints what it saw; exits 1 at the first thing that is not as documented.
 */
const steps: readonly (readonly [string, (parts: StepParts) => Promise<void>])[] = [
  ['CRDs and namespace', prepareCluster],
  ['server-side validation and pod security', checkAdmission],
  ['kustomize', runKustomize],
  ['release', runRelease],
  ['install for the rights', installProduction],
  ['rights', checkRights],
  ['uninstall', uninstall],
]

const startedMs = performance.now()
const seconds = (): string => `${((performance.now() - startedMs) / 1000).toFixed(1)} s`.padStart(9)
const say = (line: string): void =>
  void process.stdout.write(`${seconds()}  ${line.trimEnd().replaceAll('\n', '\n           ')}\n`)

const cluster = await startCluster()
try {
  say(`ready: ${(await cluster.kubectl(['version'])).replaceAll('\n', ', ')}`)
  for (const [name, step] of steps) {
    say(`== ${name}`)
    await step({ cluster, say })
  }
  say('all as documented')
} finally {
  await cluster.stop()
}
