import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { endedWell, python } from './python.ts'

/** The Python snippets of the README, in their order. */
export async function readmePython(): Promise<readonly string[]> {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  return [...readme.matchAll(/```python\n([\s\S]*?)```/g)].map(([, code]) => code ?? '')
}

/** What a snippet prints when it is run in `folder`. */
export function runSnippet(code: string, folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(python, ['-c', code], { cwd: folder }, (error, stdout, stderr) => {
      const ended = error === null || endedWell(null, error.signal ?? null, stdout, stderr)
      if (ended) resolve(stdout.trim())
      else reject(new Error(`${stdout}${stderr}`, { cause: error }))
    })
  })
}
