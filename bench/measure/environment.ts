import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'

/** Where and of what figures are. */
export interface Environment {
  readonly date: string
  readonly machine: string
  readonly versions: Readonly<Record<string, string>>
  readonly commit: string
  readonly command: string
}

/** `args` as given to the section. `versions`: of the programs it compares. */
export function environment(
  section: string,
  args: readonly string[],
  versions: Readonly<Record<string, string>> = {},
): Environment {
  const [first] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores of ${first?.model.trim() ?? 'an unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    versions: { node: process.versions.node, ...versions },
    commit: commit(),
    command: ['npm run bench --', section, ...args.filter(isOfFigures)].join(' '),
  }
}

/** Where results go and what is waited for changes no figure. */
function isOfFigures(arg: string, index: number, args: readonly string[]): boolean {
  return arg !== '--wait' && arg !== '--out' && args[index - 1] !== '--out'
}

function commit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim()
  try {
    const isChanged = git('status', '--porcelain', '--untracked-files=no', '--', 'shared', 'services', 'cli') !== ''
    return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? ' and changes' : ''}`
  } catch {
    return 'unknown'
  }
}
