// Plain JavaScript for any Node from 20 on.
import { stripVTControlCharacters } from 'node:util'

const FAILURES_MAX = 20
const ERROR_LINES_MAX = 12
const LINE_CHARACTERS_MAX = 300
// Of a stack, only the frames in files of ours say anything.
const FOREIGN_FRAME = /^\s+at .*(node_modules|node:internal)/

/**
 * What `npm test` says last of each failed test: tier, file, name and the first lines of the error. A long output may be cut above it.
 * @param {{ name: string, counts?: { failures?: { name: string, file: string, error: string }[] } }[]} tiers
 * @returns {string[]}
 */
export function failureLines(tiers) {
  const failures = tiers.flatMap(({ name: tier, counts }) =>
    (counts?.failures ?? []).map((failure) => ({ tier, ...failure })),
  )
  const lines = failures
    .slice(0, FAILURES_MAX)
    .flatMap(({ tier, file, name, error }) => [
      `FAILED ${[tier, file, name].filter((part) => part !== '').join(' > ')}`,
      ...firstLines(error).map((line) => `  ${line}`),
    ])
  if (failures.length > FAILURES_MAX) lines.push(`and ${failures.length - FAILURES_MAX} more`)
  return lines
}

function firstLines(error) {
  return stripVTControlCharacters(error)
    .split('\n')
    .filter((line) => line.trim() !== '' && !FOREIGN_FRAME.test(line))
    .slice(0, ERROR_LINES_MAX)
    .map((line) => (line.length > LINE_CHARACTERS_MAX ? `${line.slice(0, LINE_CHARACTERS_MAX)}…` : line))
}
