import { readdir, readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chartDir } from './helm.ts'
import { kustomizeFiles } from './kustomize-files.ts'
import { valuesSchema } from './values-schema.ts'
import { withValuesTable } from './values-table.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const observability = join(root, 'deploy', 'observability')

/** Folders below the repository that hold generated files only: what is not generated any more is deleted there. */
const generatedFolders = [
  'deploy/k8s/chart/files/rules',
  'deploy/k8s/chart/files/dashboards',
  'deploy/k8s/kustomize/base',
  'deploy/k8s/kustomize/components/keda',
  'deploy/k8s/kustomize/components/monitoring',
  'deploy/k8s/kustomize/components/network-policies',
] as const

/** The copies of rules and dashboards, and the values schema: what helm reads. By path below the repository. */
export async function chartFiles(): Promise<ReadonlyMap<string, string>> {
  const chart = chartDir.slice(root.length)
  const schema = `${JSON.stringify(valuesSchema(), null, 2)}\n`
  return new Map([
    [`${chart}/values.schema.json`, schema],
    ...(await copies(join(observability, 'rules'), '.yaml', `${chart}/files/rules`)),
    ...(await copies(join(observability, 'dashboards'), '.json', `${chart}/files/dashboards`)),
  ])
}

/** Every generated file. The chart's own must be in place before: kustomize's base is rendered from the chart. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const page = 'docs/deploy.md'
  const text = await withValuesTable((await currentText(page)) ?? '')
  return new Map([...(await chartFiles()), ...(await kustomizeFiles()), [page, text]])
}

/** The text of a file below the repository, or undefined where there is none. */
export async function currentText(path: string): Promise<string | undefined> {
  const absolute = join(root, path)
  return existsSync(absolute) ? readFile(absolute, 'utf8') : undefined
}

/** Files in generated folders that nothing generates. */
export async function strays(wanted: ReadonlySet<string>): Promise<readonly string[]> {
  const found: string[] = []
  for (const folder of generatedFolders) {
    if (!existsSync(join(root, folder))) continue
    for (const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name).slice(root.length)
      if (entry.isFile() && !wanted.has(path)) found.push(path)
    }
  }
  return found
}

/** The absolute path of one below the repository. */
export function inRepository(path: string): string {
  return join(root, path)
}

async function copies(folder: string, suffix: string, to: string): Promise<readonly (readonly [string, string])[]> {
  if (!existsSync(folder)) return []
  // Unit tests of rules lie beside them and are no rules.
  const names = (await readdir(folder)).filter((name) => name.endsWith(suffix) && !name.endsWith(`.test${suffix}`))
  return Promise.all(
    names.sort().map(async (name) => [`${to}/${basename(name)}`, await readFile(join(folder, name), 'utf8')] as const),
  )
}
