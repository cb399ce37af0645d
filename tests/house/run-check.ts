import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const folders: string[] = []

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

/** A folder with these files and links, for the length of one test file; by default the project's packages are linked. */
export async function newFolder(
  files: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = { node_modules: join(root, 'node_modules') },
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'silt-house-'))
  folders.push(folder)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  for (const [path, target] of Object.entries(links)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await symlink(target, join(folder, path))
  }
  return folder
}

/** Runs a check as `npm test` does, in a folder of its own. */
export function findings(
  program: string,
  args: readonly string[],
  cwd: string,
): { code: number | null; output: string } {
  const { status, stdout } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 60_000 })
  return { code: status, output: stdout }
}
