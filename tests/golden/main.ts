import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runPython } from '../support/python.ts'
import { examine, type Examined, type Expected } from './examine.ts'

/** Tables of Delta's own project with what another reader (delta-rs) found in them; beside the repository, not in it. */
const golden = resolve(process.env['SILT_GOLDEN'] ?? join(import.meta.dirname, '../../../shared/golden'))

const help = `Usage: npm run golden --workspace tests [-- <table> …]

Looks at every golden table through \`silt table show|files|cat\` and prints, a line a table, whether version, protocol, partition columns, schema, files,
number of rows and the rows themselves are what deltalake finds; broken tables must be refused by name. Exit code 1 where one is not.
The tables lie in ${golden} (SILT_GOLDEN).`

if (process.argv.includes('--help')) console.log(help)
else if (existsSync(join(golden, 'expected.json'))) process.exitCode = await main(process.argv.slice(2))
else {
  console.error(`there is no ${golden}; say with SILT_GOLDEN where the golden tables are`)
  process.exitCode = 1
}

async function main(only: readonly string[]): Promise<number> {
  const expected = JSON.parse(readFileSync(join(golden, 'expected.json'), 'utf8')) as Readonly<Record<string, Expected>>
  const names = Object.keys(expected).filter((name) => only.length === 0 || only.includes(name))
  const folder = await mkdtemp(join(tmpdir(), 'silt-golden-'))
  try {
    const reader = await readByDeltalake(folder, names)
    const tables: Examined[] = []
    for (const name of names) {
      const found = await examine(join(golden, name), expected[name] as Expected, join(folder, name))
      tables.push({ ...found, name })
      console.log(line({ ...found, name }))
    }
    return summary(tables, reader)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Undefined where its rows could be had; else why not. */
async function readByDeltalake(folder: string, names: readonly string[]): Promise<string | undefined> {
  try {
    await runPython(join(import.meta.dirname, 'golden_rows.py'), [golden, folder, ...names])
    return undefined
  } catch (error) {
    return String(error).split('\n').at(-1)
  }
}

function line({ name, verdict, detail, rows, contents }: Examined): string {
  return [verdict.padEnd(7), name.padEnd(62), String(rows ?? '-').padStart(8), contents.padEnd(9), detail].join('  ')
}

function summary(tables: readonly Examined[], missingReader: string | undefined): number {
  const count = (verdict: Examined['verdict']): number => tables.filter((each) => each.verdict === verdict).length
  const same = tables.filter((each) => each.contents === 'same').length
  const total = readdirSync(golden, { withFileTypes: true }).filter((each) => each.isDirectory()).length
  console.log(
    `\n${tables.length} of ${total} tables: ${count('same')} as expected, ${count('better')} read where the other reader could not, ${count('refused')} refused by name, ${count('FAIL')} failed; the rows of ${same} compared and equal`,
  )
  if (missingReader !== undefined) console.log(`rows were not compared, deltalake could not be run: ${missingReader}`)
  return count('FAIL') === 0 ? 0 : 1
}
