import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml'
import { chartDir } from './helm.ts'

const begin = '<!-- values -->'
const end = '<!-- /values -->'
/** What every actor has is told of once, where the first one has it. */
const firstActor = 'ingestor'
const actors = new Set([firstActor, 'writer', 'committer', 'collector', 'console', 'operator'])

/** The page with the table of the chart's values between its markers made anew from values.yaml and its comments. */
export async function withValuesTable(page: string): Promise<string> {
  const [before, rest] = page.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`docs/deploy.md has no ${begin} … ${end}`)
  return `${before}${begin}\n${await valuesTable()}${end}${after}`
}

async function valuesTable(): Promise<string> {
  const { contents } = parseDocument(await readFile(join(chartDir, 'values.yaml'), 'utf8'))
  if (!isMap(contents)) throw new Error('values.yaml is no map')
  return `| value | default | meaning |\n|---|---|---|\n${rows(contents, [], contents).join('')}`
}

/** One row a value, flow maps as one; the comment above a map is a row of its own. What an actor has as the first one has it is left out. */
function rows(map: YAMLMap, path: readonly string[], root: YAMLMap): string[] {
  return map.items.flatMap((pair, index) => {
    const { name, comment } = described(pair, map, index)
    const at = [...path, name]
    const nested = isMap(pair.value) && pair.value.items.length > 0 && pair.value.flow !== true ? pair.value : undefined
    const [actor = '', ...below] = at
    const asFirst =
      actors.has(actor) && actor !== firstActor && comment === undefined
        ? root.getIn([firstActor, ...below])
        : undefined
    const known = asFirst !== undefined && JSON.stringify(asFirst) === JSON.stringify(pair.value)
    const told = nested === undefined ? !known : comment !== undefined
    const row = `| \`${at.join('.')}\` | ${defaultOf(pair, nested)} | ${comment ?? ''} |\n`
    return [...(told ? [row] : []), ...(nested === undefined ? [] : rows(nested, at, root))]
  })
}

function described(pair: Pair, map: YAMLMap, index: number): { readonly name: string; readonly comment?: string } {
  if (!isScalar(pair.key)) throw new Error('a key of values.yaml is no plain name')
  const name = String(pair.key.value)
  const text = pair.key.commentBefore ?? (index === 0 ? map.commentBefore : undefined)
  // What stands above an empty line is about the file.
  const own = text?.split(/\n\s*\n/).at(-1)
  if (own === undefined) return { name }
  return { name, comment: own.replaceAll(/\s+/g, ' ').trim().replaceAll('|', '\\|').replaceAll('<', '&lt;') }
}

function defaultOf({ value }: Pair, nested: YAMLMap | undefined): string {
  const json = nested === undefined ? JSON.stringify(value) : '""'
  return json === '""' ? '' : `\`${json}\``
}
