import { SiltError } from '@silt/core'

/** Reads columns as table properties and domains name them. */
export const columnPaths = {
  /** `a, b.c, `quoted ``name``.d`: what is in backticks is one name. Throws `delta/broken-property` (data) for an unclosed quote. */
  ofList(text: string): readonly (readonly string[])[] {
    const paths: string[][] = [[]]
    let name = ''
    const endName = (): void => {
      paths.at(-1)?.push(name)
      name = ''
    }
    for (let at = 0; at < text.length; at++) {
      const char = text[at] as string
      if (char === '`') {
        const end = closingQuote(text, at)
        name += text.slice(at + 1, end).replaceAll('``', '`')
        at = end
      } else if (char === '.') endName()
      else if (char === ',') {
        endName()
        paths.push([])
      } else if (char.trim() !== '') name += char
    }
    endName()
    return paths.filter((path) => path.some((each) => each !== ''))
  },

  /** `{"clusteringColumns":["a",["b","c"]]}`: engines write a name, or the names along a path. Throws `delta/broken-log` (data). */
  ofClusteringDomain(configuration: string): readonly (readonly string[])[] {
    let columns: unknown
    try {
      columns = (JSON.parse(configuration) as { readonly clusteringColumns?: unknown } | null)?.clusteringColumns
    } catch (cause) {
      throw brokenClustering(configuration, cause)
    }
    if (!Array.isArray(columns)) throw brokenClustering(configuration)
    return columns.map((each: unknown) => {
      const path: unknown = Array.isArray(each) ? each : [each]
      if (!isPath(path)) throw brokenClustering(configuration)
      return path
    })
  },
}

function isPath(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')
}

function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] !== '`') continue
    if (text[at + 1] !== '`') return at
    at++
  }
  const message = `delta.dataSkippingStatsColumns is ${JSON.stringify(text)}: a backtick is not closed; nothing was written`
  throw new SiltError('data', 'delta/broken-property', message)
}

function brokenClustering(configuration: string, cause?: unknown): SiltError {
  const message = `the domain delta.clustering holds no list of clusteringColumns: ${configuration.slice(0, 200)}`
  return new SiltError('data', 'delta/broken-log', message, { cause })
}
