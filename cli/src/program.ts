import { Command, CommanderError } from 'commander'
import { isSiltError } from '@silt/core'
import { exitCodeOf, exitCodeTable, exitCodes, FoundFault } from './exit-code.ts'
import type { Terminal } from './terminal.ts'
import { commandTable, type CommandEntry } from './command-table.ts'

/** Runs one `silt` command line to its end and answers its exit code; never throws. */
export async function runProgram(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const line = asHelpOption(argv)
    const program = await createProgram(terminal, line)
    await program.parseAsync(line, { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    if (error instanceof FoundFault) {
      terminal.note(`${error.message}\n`)
      return error.exitCode
    }
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    terminal.note(`silt: ${describeFailure(error)}\n`)
    return exitCodeOf(error)
  }
}

/** `help table show` is `table show --help`: the help command alone looks one command deep. */
function asHelpOption(argv: readonly string[]): readonly string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv
}

async function createProgram(terminal: Terminal, argv: readonly string[]): Promise<Command> {
  const program = new Command('silt')
    .description('Event streams settle into Delta Lake tables: Kafka in, ACID tables on S3 out, exactly once.')
    .version('0.1.0')
    .showHelpAfterError('(silt --help teaches the commands)')
    .showSuggestionAfterError()
    // Or `table show --version 3` would be asked for the version of silt.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.print(text.trimEnd()), writeErr: (text) => terminal.note(text) })
    .addHelpText('after', helpFooter())
  const called = argv.find((word) => !word.startsWith('-'))
  for (const entry of commandTable) {
    const command = entry.name === called ? await entry.load(terminal) : onlyListed(entry)
    program.addCommand(command.description(entry.description))
  }
  for (const command of allCommands(program)) command.exitOverride().copyInheritedSettings(program)
  // Not for the commands' own: what is not loaded has no options to be counted.
  return program.configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}` })
}

/** A command that this line does not call, for the help and for suggestions. */
function onlyListed({ name, usage }: CommandEntry): Command {
  return new Command(name).usage(usage)
}

function allCommands(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)])
}

function helpFooter(): string {
  const codes = exitCodeTable.map(([code, meaning]) => `  ${code}  ${meaning}`)
  return `
Everything is set by environment variables: "silt config print --markdown" lists them all, "silt config print" shows those in force,
"silt config check" explains faults.

First steps, with no server at all:
  silt demo --events 10000        append generated events to data/topics
  silt run --until-idle           settle them into data/delta/analytics-events, then exit
  silt table show                 what is in the table
  silt audit                      prove that every event is there once

On servers:
  silt doctor                     what is wrong with Kafka, Redis, the store or the table, and what to do
  silt table pause                let nothing be committed for a while, silt table resume ends it
  silt partition status           progress, lag, and why a partition stopped

Exit codes:
${codes.join('\n')}`
}

function describeFailure(error: unknown): string {
  if (isSiltError(error))
    return error.kind === 'internal' ? `${error.message}\n${error.stack ?? ''}` : `${error.message} [${error.code}]`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
