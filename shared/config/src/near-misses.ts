import { settingTable } from './setting-table.ts'

const editsMax = 2
/** Shorter names are near to too many others. */
const lengthMin = 6
/** Capitals and the underscore have a remainder each. */
const letters = 32

/** A line for each name of the environment that is no setting and nearly one: it was meant, and nobody would ever read it. */
export function nearMisses(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.keys(environment).flatMap((given) => {
    if (names.has(given) || given.length < lengthMin || (environment[given] ?? '').trim() === '') return []
    const meant = nearest(given)
    return meant === undefined ? [] : [`${given} is not a setting; did you mean ${meant}?`]
  })
}

const names: ReadonlySet<string> = new Set(Object.keys(settingTable).flatMap((name) => [name, `${name}_FILE`]))
const countsByName = new Map([...names].map((name) => [name, letterCounts(name)] as const))

function nearest(given: string): string | undefined {
  const counts = letterCounts(given)
  const near = [...names]
    .filter((name) => mayBeNear(counts, countsByName.get(name) ?? counts))
    .map((name) => ({ name, edits: editsBetween(given, name) }))
    .filter(({ name, edits }) => edits <= 1 || (edits <= editsMax && isNoOtherWord(given, name)))
  return near.sort((a, b) => a.edits - b.edits)[0]?.name
}

/** How often a name has each letter; digits and what is beyond ASCII count with some letter. */
function letterCounts(name: string): Uint8Array {
  const counts = new Uint8Array(letters)
  for (let at = 0; at < name.length; at++) counts[name.charCodeAt(at) % letters]! += 1
  return counts
}

/** An edit changes two of the counts by one at most. This asks each start little, where counting edits of all names of a large environment is long. */
function mayBeNear(given: Uint8Array, name: Uint8Array): boolean {
  let difference = 0
  for (let letter = 0; letter < given.length; letter++) difference += Math.abs(given[letter]! - name[letter]!)
  return difference <= 2 * editsMax
}

/** Two edits make another word of a short one: REDIS_PORT, which Kubernetes sets beside a service `redis`, is no REDIS_CERT. */
function isNoOtherWord(given: string, name: string): boolean {
  const words = given.split('_')
  const meant = name.split('_')
  return (
    words.length !== meant.length ||
    words.every((word, index) => 2 * editsBetween(word, meant[index] ?? '') < Math.max(1, word.length))
  )
}

/** Letters put in, left out, replaced, or swapped with their neighbour; more than `editsMax` are not counted out. */
function editsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > editsMax) return Infinity
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity
  for (let row = 1; row <= a.length; row++) {
    const edits = [row]
    rows.push(edits)
    for (let column = 1; column <= b.length; column++) {
      const replaced = at(row - 1, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1)
      const isSwapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const swapped = isSwapped ? at(row - 2, column - 2) + 1 : Infinity
      edits.push(Math.min(replaced, swapped, at(row - 1, column) + 1, at(row, column - 1) + 1))
    }
  }
  return at(a.length, b.length)
}
