import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The commit that runs, for reports; with a mark when files differ from it. */
export function presentCommit(): string {
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  const git = (...args: readonly string[]): string => execFileSync('git', args, { cwd, encoding: 'utf8' }).trim()
  try {
    const commit = git('rev-parse', '--short', 'HEAD')
    return git('status', '--porcelain', '--untracked-files=no') === '' ? commit : `${commit} with changes`
  } catch {
    return 'a copy without git'
  }
}
