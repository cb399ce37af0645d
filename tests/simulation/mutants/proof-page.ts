import type { Mutant, Uncaught } from './mutant.ts'
import type { CaughtRecord } from './records.ts'

/** docs/proof/mutants.md. */
export function proofPage(
  mutants: readonly Mutant[],
  records: readonly CaughtRecord[],
  uncaught: readonly Uncaught[],
): string {
  const caught = new Map(records.map((each) => [each.name, each]))
  const rows = mutants.map(({ name, invariant, does, elusive = '' }) => {
    const { seed, violation, schedules } = caught.get(name) ?? { seed: '', violation: 'not caught', schedules: '' }
    return [
      `\`${name}\``,
      invariant,
      does,
      seed,
      violation === 'not caught' ? `not caught here: ${elusive}` : `\`${violation}\``,
      schedules,
    ]
  })
  return `# Broken on purpose, and caught

The simulation (\`npm run simulate\`) finds nothing wrong with Silt. This page says what it would find: each line is the product's own source with one rule
of the protocol broken, a second line of defence taken down with it where there is one, and the first schedule that breaks a promise over it, counted
from seed 1. \`npm run mutants\` hunts them all anew and fails where one survives that is not marked *not caught here*; CI replays some of the seeds. Written by \`npm run mutants -- --update\`.

${table(['variant', 'invariant', 'what it does', 'seed', 'violation', 'schedules'], rows)}

${records.length} of ${mutants.length} are caught.

## Not to be caught here

${table(
  ['variant', 'invariant', 'what it does', 'why'],
  uncaught.map(({ name, invariant, does, because, reason }) => [
    `\`${name}\``,
    invariant,
    does,
    `${because === 'unneeded' ? 'unneeded' : 'beyond this world'}: ${reason}`,
  ]),
)}
`
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
