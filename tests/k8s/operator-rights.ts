import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** What somebody may do with one kind of object; `deployments.apps` for one outside the core group. */
export interface Right {
  readonly resource: string
  readonly verbs: readonly string[]
}

const page = fileURLToPath(new URL('../../docs/deploy.md', import.meta.url))

/** The rights of the operators' Role as docs/deploy.md lists them, between its markers: `| resource | verbs | for |`. */
export async function operatorRights(): Promise<readonly Right[]> {
  const text = await readFile(page, 'utf8')
  const [, table] = /<!-- operator-role -->([^]*?)<!-- \/operator-role -->/.exec(text) ?? []
  if (table === undefined) throw new Error('docs/deploy.md has no table between its operator-role markers')
  return [...table.matchAll(/^\| `([^`]+)` \| ([a-z, ]+) \|/gm)].map(([, resource = '', verbs = '']) => ({
    resource,
    verbs: verbs.split(',').map((verb) => verb.trim()),
  }))
}
