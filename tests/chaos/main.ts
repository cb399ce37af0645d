import { randomInt } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandOptions, refuse } from '../support/command-options.ts'
import { presentCommit } from './present-commit.ts'
import { run } from './run.ts'
import { faultsFound, markdownReport } from './report.ts'

const help = `npm run chaos -- [--minutes M] [--seed S] [--rate R] [--out FOLDER]

Three Kafka brokers, Redis, MinIO, three ingestors, four writers and two committers on this machine, and every few seconds a fault; ends with silt audit
and a count id by id by clients that are not ours. Exit code 1 where anything is lost, twice or late. docs/proof/chaos.md tells of runs.

  --minutes M   under load (default 3)
  --seed S      decides kinds, targets and times of the faults (default: drawn, and printed)
  --rate R      events a second (default 150)
  --out FOLDER  logs and report (default: silt-chaos in the folder for temporary files)
`
const values = commandOptions(help, {
  minutes: { type: 'string', default: '3' },
  seed: { type: 'string' },
  rate: { type: 'string', default: '150' },
  out: { type: 'string', default: join(tmpdir(), 'silt-chaos') },
})
const minutes = Number(values.minutes)
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed)
const rate = Number(values.rate)
if (![minutes, seed, rate].every((each) => Number.isFinite(each) && each > 0)) {
  refuse('--minutes, --seed and --rate take positive numbers', help)
}
const commit = presentCommit()

rmSync(join(values.out, 'logs'), { recursive: true, force: true })
mkdirSync(values.out, { recursive: true })
console.log(`chaos: --minutes ${minutes} --seed ${seed} --rate ${rate} at ${commit}; logs and report in ${values.out}`)
const result = await run({ minutes, seed, rate, commit, folder: values.out })
const report = markdownReport(result)
writeFileSync(join(values.out, 'report.json'), `${JSON.stringify(result, undefined, 1)}\n`)
writeFileSync(join(values.out, 'report.md'), report)
console.log(`\n${report}`)
process.exit(faultsFound(result).length === 0 ? 0 : 1)
