import { expect, test } from 'vitest'
import { renderChart } from './helm.ts'
import { parseManifests } from './manifest.ts'
import { operatorRights } from './operator-rights.ts'

interface RoleRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

test('the Role of operators gives what docs/deploy.md lists; nobody else is given a role', async () => {
  const manifests = parseManifests(await renderChart({ files: ['values-production.yaml'] }))
  const roles = manifests.filter(({ kind }) => /Role$/.test(kind))
  expect(roles.map(({ metadata }) => metadata.name)).toEqual(['silt-operator'])
  const given = (roles[0]?.rules as readonly RoleRule[]).flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((name) => verbs.map((verb) => `${verb} ${named(group, name)}`))),
  )
  const documented = (await operatorRights()).flatMap(({ resource, verbs }) =>
    verbs.map((verb) => `${verb} ${resource}`),
  )
  expect(given.sort()).toEqual(documented.sort())
  const bindings = manifests.filter(({ kind }) => /RoleBinding$/.test(kind))
  expect(JSON.stringify(bindings)).not.toContain('"ServiceAccount"')
})

function named(group: string, name: string): string {
  if (group === '') return name
  const [resource, ...subresource] = name.split('/')
  return [`${resource}.${group}`, ...subresource].join('/')
}
