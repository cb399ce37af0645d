import { fileURLToPath } from 'node:url'
import { helmProgram } from '../servers/helm.ts'
import { capture } from './capture.ts'

/** What the manifests are rendered for; helm built by Go knows of no release of its own. */
export const kubeVersion = '1.37.0'

export const chartDir = fileURLToPath(new URL('../../deploy/k8s/chart', import.meta.url))

/** How a rendering is asked for: files of values in the chart, then single values. */
export interface RenderOptions {
  readonly files?: readonly string[]
  readonly set?: readonly string[]
}

export function valueArguments({ files = [], set = [] }: RenderOptions): string[] {
  return [...files.flatMap((file) => ['--values', `${chartDir}/${file}`]), ...set.flatMap((one) => ['--set-json', one])]
}

/** `helm template` of a release `silt` in the namespace `silt`, as YAML. Rejects with helm's own words. */
export async function renderChart(options: RenderOptions = {}): Promise<string> {
  const target = ['template', 'silt', chartDir, '--namespace', 'silt', '--kube-version', kubeVersion]
  return capture(await helmProgram(), [...target, ...valueArguments(options)])
}

/** `helm lint --strict`; rejects with what it found. */
export async function lintChart(options: RenderOptions = {}): Promise<string> {
  return capture(await helmProgram(), ['lint', '--strict', chartDir, ...valueArguments(options)])
}
