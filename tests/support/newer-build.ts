import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const codecPath = 'shared/contracts/src/job-codec.ts'

/** One field every job of the newer version has and requires, and no job of the present one. */
const edits: Readonly<Record<string, readonly (readonly [from: string | RegExp, to: string])[]>> = {
  'shared/contracts/src/names.ts': [
    [
      /export const jobVersion = (\d+)/,
      'export const presentJobVersion = $1\nexport const jobVersion = presentJobVersion + 1',
    ],
  ],
  [codecPath]: [
    ["import { jobVersion } from './names.ts'", "import { jobVersion, presentJobVersion } from './names.ts'"],
    [
      'return value as unknown as Json',
      "return (('v' in value && value.v > presentJobVersion ? { ...value, addedBy: 'newer' } : value) as unknown) as Json",
    ],
    ['  return {\n    v,\n', "  if (v > presentJobVersion) nameOf(member(found, 'addedBy'))\n  return {\n    v,\n"],
  ],
}

/**
 * Copies Silt's sources into `folder` with a job version one higher and one field more in every job; answers the launcher of the copy.
 * Throws when a place to edit is no longer there.
 */
export async function makeNewerBuild(folder: string): Promise<string> {
  const workspaces = ['cli', ...(await packagesOf('shared')), ...(await packagesOf('services'))]
  for (const workspace of workspaces) await copyWorkspace(workspace, folder)
  await linkModules(workspaces, folder)
  for (const [path, changes] of Object.entries(edits)) {
    let text = await readFile(join(folder, path), 'utf8')
    for (const [from, to] of changes) {
      const edited = text.replace(from, to)
      if (edited === text) throw new Error(`${path} has no ${String(from)} any more`)
      text = edited
    }
    await writeFile(join(folder, path), text)
  }
  return join(folder, 'cli/bin/silt.js')
}

async function packagesOf(group: string): Promise<string[]> {
  const names = await readdir(join(root, group))
  return names.map((name) => join(group, name)).filter((path) => existsSync(join(root, path, 'package.json')))
}

async function copyWorkspace(workspace: string, folder: string): Promise<void> {
  const [from, to] = [join(root, workspace), join(folder, workspace)]
  const left = new Set(['node_modules', 'test', 'contract', '.turbo'].map((name) => join(from, name)))
  await mkdir(to, { recursive: true })
  await cp(from, to, { recursive: true, filter: (path) => !left.has(path) })
  if (existsSync(join(from, 'node_modules'))) await symlink(join(from, 'node_modules'), join(to, 'node_modules'), 'dir')
}

/** Silt's own packages resolve to the copy, all others to what is installed. */
async function linkModules(workspaces: readonly string[], folder: string): Promise<void> {
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, '@silt'), { recursive: true })
  for (const workspace of workspaces)
    await symlink(join(folder, workspace), join(modules, '@silt', basename(workspace)), 'dir')
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== '@silt' && name !== '.bin') await symlink(join(root, 'node_modules', name), join(modules, name))
  await cp(join(root, 'package.json'), join(folder, 'package.json'))
}
