import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

/**
 * What a command of the proofs was given. `--help` prints the help and ends the process with 0; what the command does not know is told in a line above
 * the help, and ends it with 2.
 */
export function commandOptions<T extends ParseArgsOptionsConfig>(
  help: string,
  options: T,
): ReturnType<typeof parseArgs<{ options: T; allowNegative: true }>>['values'] {
  if (process.argv.includes('--help')) {
    process.stdout.write(help)
    process.exit(0)
  }
  try {
    return parseArgs({ options, allowNegative: true }).values
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error), help)
  }
}

/** Tells what is wrong with a command's arguments, and ends the process with 2. */
export function refuse(message: string, help: string): never {
  process.stderr.write(`${message}\n\n${help}`)
  process.exit(2)
}
