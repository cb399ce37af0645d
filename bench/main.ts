import { deltaHelp, runDelta } from './delta/section.ts'
import { freshnessHelp, runFreshness } from './freshness/section.ts'
import { memoryHelp, runMemory } from './memory/section.ts'
import { pipelineHelp, runPipeline } from './pipeline/section.ts'
import { profileHelp, runProfile } from './profile/section.ts'
import { reportHelp, runReport } from './report/section.ts'
import { runStages, stagesHelp } from './stages/section.ts'

interface BenchSection {
  readonly name: string
  readonly what: string
  readonly help: string
  readonly run: (args: string[]) => Promise<void>
}

const sections: readonly BenchSection[] = [
  { name: 'stages', what: 'each stage alone, beside DuckDB', help: stagesHelp, run: runStages },
  {
    name: 'pipeline',
    what: 'whole processes from a topic to a table, beside a hand-written writer',
    help: pipelineHelp,
    run: runPipeline,
  },
  { name: 'memory', what: 'what is resident of each process, million by million', help: memoryHelp, run: runMemory },
  { name: 'profile', what: 'where the CPU of a unit thread goes', help: profileHelp, run: runProfile },
  { name: 'freshness', what: 'how old rows are at a steady trickle', help: freshnessHelp, run: runFreshness },
  {
    name: 'delta',
    what: 'a table of a million files: load, refresh, commit, checkpoint',
    help: deltaHelp,
    run: runDelta,
  },
  { name: 'report', what: 'the last results as tables and charts', help: reportHelp, run: runReport },
]

const usage = `npm run bench [-- SECTION [OPTION …]]

Measures, and writes what it measured into bench/results (or where --out says); report puts that into docs/benchmarks.md and the README. Without a section
all of them, report last. Their options: npm run bench -- SECTION --help

${sections.map(({ name, what }) => `  ${name.padEnd(10)} ${what}\n`).join('')}`

/** What parseArgs does not take is told by the section's help, not by a stack. */
function refuseOptions(error: unknown, { help }: BenchSection): void {
  const code = (error as NodeJS.ErrnoException).code
  if (code?.startsWith('ERR_PARSE_ARGS_') !== true) throw error
  console.error(`${(error as Error).message}\n\n${help}`)
  process.exitCode = 2
}

const [name, ...args] = process.argv.slice(2)
const section = sections.find((each) => each.name === name)
if (args.includes('--help') || name === '--help') {
  console.log(section?.help ?? usage)
} else if (section !== undefined) await section.run(args).catch((error: unknown) => refuseOptions(error, section))
else if (name === undefined) for (const { run } of sections) await run([])
else {
  console.error(usage)
  process.exitCode = 2
}
