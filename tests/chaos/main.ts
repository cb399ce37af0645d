import { randomInt } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { presentCommit } from './present-commit.ts'
import { run } from './run.ts'
import { faultsFound, markdownReport } from './report.ts'

// `npm run chaos -- --minutes M [--seed S] [--rate R] [--out FOLDER]`
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    seed: { type: 'string' },
    rate: { type: 'string', default: '150' },
    out: { type: 'string', default: join(tmpdir(), 'silt-chaos') },
  },
})
const minutes = Number(values.minutes)
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed)
const rate = Number(values.rate)
if (![minutes, seed, rate].every((each) => Number.isFinite(each) && each > 0)) {
  console.error('--minutes, --seed and --rate take positive numbers')
  process.exit(2)
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
