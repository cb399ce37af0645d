import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { capture } from './capture.ts'
import { renderChart } from './helm.ts'
import { pythonTool } from './python-tools.ts'

/** Where the overlays are that operators copy. */
export const overlays = fileURLToPath(new URL('../../deploy/k8s/kustomize/overlays', import.meta.url))

/** Everything on at once in the chart, without a value of production's own. */
const everything = [
  'settings.OTEL_EXPORTER_OTLP_ENDPOINT="http://traces.monitoring:4318"',
  'collector={"enabled":true,"secrets":{"existingSecret":"collector","keys":["HTTP_TOKEN"]}}',
  'console={"enabled":true,"secrets":{"existingSecret":"console","keys":["CONSOLE_TOKEN"]}}',
  'operator.shell=true',
  'writer.autoscaling.enabled=true',
  'ingestor.autoscaling.enabled=true',
  'networkPolicy={"enabled":true,"metricsFrom":[{"podSelector":{}}]}',
  'monitoring={"serviceMonitor":{"enabled":true},"rules":{"enabled":true},"dashboards":{"enabled":true}}',
]

/** Every way the manifests are shipped, as YAML. */
export const renderings: Readonly<Record<string, () => Promise<string>>> = Object.freeze({
  default: () => renderChart(),
  minimal: () => renderChart({ files: ['values-minimal.yaml'] }),
  production: () => renderChart({ files: ['values-production.yaml'] }),
  everything: () => renderChart({ set: everything }),
  'kustomize minimal': () => kustomizeBuild('minimal'),
  'kustomize production': () => kustomizeBuild('production'),
})

/** `kubectl kustomize` of an overlay. */
export function kustomizeBuild(overlay: string): Promise<string> {
  return capture(pythonTool('kubectl'), ['kustomize', join(overlays, overlay)])
}
