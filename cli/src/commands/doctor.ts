import { Command, InvalidArgumentError, Option } from 'commander'
import { nearMisses, type Settings } from '@silt/config'
import { asSiltError } from '@silt/core'
import { diagnose } from '../doctor/diagnose.ts'
import { fail, ok, warn, type Finding } from '../doctor/finding.ts'
import { findingLines, summaryLine } from '../doctor/render.ts'
import { allActors, roles, type Role } from '../doctor/role.ts'
import { FoundFault } from '../exit-code.ts'
import type { Terminal } from '../terminal.ts'
import { wholeNumber } from './whole-number.ts'
import { settingsOf } from './settings-of.ts'

interface DoctorOptions {
  readonly actor?: Role
  readonly timeout: number
  readonly json?: true
}

/** `silt doctor`: what an operator runs before the first start, and when something does not work. */
export function doctorCommand(terminal: Terminal): Command {
  return new Command('doctor')
    .addOption(new Option('--actor <name>', 'only what this actor needs, or an operator').choices([...roles]))
    .option('--timeout <seconds>', 'no check takes longer', atLeastOne, 10)
    .option('--json', 'the findings as one JSON object')
    .addHelpText(
      'after',
      `
A line a check: ok, WARN (Silt runs, look at it), FAIL (Silt does not run, or not safely), - (not looked at, and why).

What cannot be looked at: joining the group (it would disturb its members), putting data files (they would stay), Kafka's clock.`,
    )
    .action(async (options: DoctorOptions) => {
      const findings = await findAll(terminal, options)
      if (options.json === true) terminal.print(JSON.stringify({ findings }))
      else for (const line of findingLines(findings)) terminal.print(line)
      const summary = summaryLine(findings)
      if (findings.some(({ outcome }) => outcome === 'fail')) throw new FoundFault(summary)
      if (options.json !== true) terminal.print(summary)
    })
}

async function findAll(terminal: Terminal, { actor, timeout }: DoctorOptions): Promise<readonly Finding[]> {
  const node = ok('node', `${process.version} on ${process.platform} ${process.arch}`)
  const misspelt = nearMisses(terminal.environment).map((each) =>
    warn('settings', each, 'correct its name, or take it out of this environment'),
  )
  let settings: Settings
  try {
    settings = settingsOf(terminal)
  } catch (error) {
    const remedy = 'correct each of them; silt config check says the same'
    return [node, ...misspelt, fail('settings', asSiltError(error).message, remedy)]
  }
  const actors = actor === undefined ? allActors : [actor]
  const findings = await diagnose(settings, terminal, { actors, timeoutMs: timeout * 1000 })
  return [node, ok('settings', 'valid'), ...misspelt, ...findings].map((each) => hidden(each, terminal))
}

/** No secret on any line, whatever a server's message repeats. */
function hidden(finding: Finding, { secrets }: Terminal): Finding {
  const { remedy } = finding
  return {
    ...finding,
    detail: secrets.apply(finding.detail),
    ...(remedy === undefined ? {} : { remedy: secrets.apply(remedy) }),
  }
}

function atLeastOne(text: string): number {
  const value = wholeNumber(text)
  if (value === 0) throw new InvalidArgumentError('must be at least 1')
  return value
}
