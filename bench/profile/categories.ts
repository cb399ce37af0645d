import type { Profiler } from 'node:inspector'

export const categories = [
  'fetch',
  'checksum',
  'decompression',
  'record walk',
  'scan',
  'strings and dictionaries',
  'pages',
  'zstd',
  'store',
  'garbage collection',
  'other',
] as const
export type Category = (typeof categories)[number]

export interface ProfileShare {
  readonly category: Category
  /** Of the samples that were not idle, 0 to 1. */
  readonly share: number
  /** What most of it was in. */
  readonly top: readonly string[]
}

/** By where in assembly/ a function of the plane is; the first that fits. */
const planeRules: readonly Rule[] = [
  [/^codec\/crc32c\//, 'checksum'],
  [/^codec\/varint\//, 'record walk'],
  [/^codec\//, 'decompression'],
  [/^(batch|slab)\//, 'record walk'],
  [/^json\/part\//, 'strings and dictionaries'],
  [/^json\//, 'scan'],
  [/^columns\/(dictionary|hashes|numbers|rows)/, 'strings and dictionaries'],
  [/^(memory|columns|encoding|bloom|compression)\//, 'pages'],
]

/** By the file of what runs outside of the plane; the first that fits. */
const hostRules: readonly Rule[] = [
  [/node:zlib|\/parquet\/(zstd|codec)\.ts/, 'zstd'],
  [/node:(net|events|internal\/(stream|net))|\/source\/src\//, 'fetch'],
  [/node:(fs|internal\/fs)/, 'store'],
  [/\/dataplane\/src\/batch\//, 'record walk'],
  [/\/dataplane\/src\/parquet\//, 'pages'],
  [/\/dataplane\/src\/(scan|unit)\//, 'scan'],
]

type Rule = readonly [RegExp, Category]

const topFunctions = 4
/** Waiting, and what the profiler itself does. */
const notCounted: ReadonlySet<string> = new Set(['(idle)', 'post'])

/** Shares of the self time by category. `planeFunctions`: names by index. */
export function sharesOf(profile: Profiler.Profile, planeFunctions: ReadonlyMap<number, string>): ProfileShare[] {
  const places = placesOf(profile, planeFunctions)
  const micros = new Map<Category, Map<string, number>>()
  let total = 0
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const place = places.get(id)
    if (place === undefined || notCounted.has(place.name)) continue
    const delta = profile.timeDeltas?.[index] ?? 0
    total += delta
    const of = micros.get(place.category) ?? new Map<string, number>()
    micros.set(place.category, of.set(place.name, (of.get(place.name) ?? 0) + delta))
  }
  return categories.map((category) => {
    const functions = [...(micros.get(category) ?? [])].toSorted(([, a], [, b]) => b - a)
    return {
      category,
      share: functions.reduce((sum, [, each]) => sum + each, 0) / Math.max(1, total),
      top: functions.slice(0, topFunctions).map(([name]) => name),
    }
  })
}

interface Place {
  readonly name: string
  readonly category: Category
}

/** Of each node of the profile. */
function placesOf(profile: Profiler.Profile, planeFunctions: ReadonlyMap<number, string>): ReadonlyMap<number, Place> {
  const places = new Map<number, Place>()
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const visit = (id: number, caller: Category): void => {
    const node = nodes.get(id)
    if (node === undefined) return
    const place = placeOf(node.callFrame, planeFunctions, caller)
    places.set(id, place)
    for (const child of node.children ?? []) visit(child, place.category)
  }
  const [root] = profile.nodes
  if (root !== undefined) visit(root.id, 'other')
  return places
}

function placeOf(
  { functionName, url }: Profiler.ProfileNode['callFrame'],
  planeFunctions: ReadonlyMap<number, string>,
  caller: Category,
): Place {
  const index = /^wasm-function\[(\d+)\]$/.exec(functionName)?.[1]
  if (index !== undefined) {
    const name = planeFunctions.get(Number(index)) ?? functionName
    return { name, category: ruled(planeRules, name) ?? 'other' }
  }
  if (functionName === '(garbage collector)') return { name: functionName, category: 'garbage collection' }
  // What a native function does is known by who calls it.
  const isNative = url === '' && !functionName.startsWith('(')
  const name = functionName === '' ? '(anonymous)' : functionName
  return { name, category: ruled(hostRules, url) ?? (isNative ? caller : 'other') }
}

function ruled(rules: readonly Rule[], name: string): Category | undefined {
  return rules.find(([pattern]) => pattern.test(name))?.[1]
}
