import assert from 'node:assert/strict'
import { operatorRights, type Right } from '../operator-rights.ts'
import type { StepParts } from './step.ts'

/** What an operator of Silt has no need of; each is asked for by name. */
const denied = [
  ...['get secrets', 'list configmaps', 'delete pods', 'create pods', 'create pods/eviction', 'patch deployments.apps'],
  ...['delete deployments.apps', 'create rolebindings.rbac.authorization.k8s.io', 'patch scaledobjects.keda.sh'],
  ...['create serviceaccounts/token', 'impersonate users'],
]

interface Rule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
}

/** Who may do what, as the API server says it: actors nothing that anybody may not, the operators' group what docs/deploy.md lists. */
export async function checkRights({ cluster, say }: StepParts): Promise<void> {
  const everybody = await rightsOf({ cluster, say }, account('nobody-in-particular'))
  for (const actor of ['ingestor', 'writer', 'committer', 'collector', 'console', 'operator']) {
    const rights = await rightsOf({ cluster, say }, account(`silt-${actor}`))
    assert.deepEqual(rights, everybody, `silt-${actor} may do more than any account`)
    assert.equal(await canI({ cluster, say }, ['get', 'secrets'], account(`silt-${actor}`)), 'no')
    assert.equal(await canI({ cluster, say }, ['list', 'pods'], account(`silt-${actor}`)), 'no')
  }
  say(`each actor's account may do what an account without any role may: ${everybody.join('; ')}`)
  const stranger = await rightsOf({ cluster, say }, ['--as=anna', '--as-group=strangers'])
  const operators = ['--as=olga', '--as-group=silt-operators']
  const own = (await rightsOf({ cluster, say }, operators)).filter((right) => !stranger.includes(right))
  assert.deepEqual(own, (await operatorRights()).flatMap(shown).sort())
  say(`the group silt-operators may, and no more (docs/deploy.md lists the same): ${own.join('; ')}`)
  const granted = (await operatorRights()).flatMap(({ resource, verbs }) =>
    verbs.map((verb): Question => [verb, resource]),
  )
  for (const question of granted)
    assert.equal(await canI({ cluster, say }, question, operators), 'yes', question.join(' '))
  const refused = denied.map((question) => question.split(' ') as unknown as Question)
  for (const question of refused)
    assert.equal(await canI({ cluster, say }, question, operators), 'no', question.join(' '))
  assert.equal(await canI({ cluster, say }, ['create', 'pods/exec'], operators, 'default'), 'no')
  say(
    `can-i for that group: yes to each of these, no to ${refused.map((words) => words.join(' ')).join(', ')}, and to exec in another namespace`,
  )
}

function account(name: string): readonly string[] {
  const groups = ['system:serviceaccounts', 'system:serviceaccounts:silt', 'system:authenticated']
  return [`--as=system:serviceaccount:silt:${name}`, ...groups.map((group) => `--as-group=${group}`)]
}

type Question = readonly [verb: string, resource: string]

/** kubectl takes `pods/exec` for a pod named exec: a subresource is an option of its own. */
async function canI(
  { cluster }: StepParts,
  [verb, asked]: Question,
  as: readonly string[],
  namespace = 'silt',
): Promise<string> {
  const [resource = '', subresource] = asked.split('/')
  const question = [verb, resource, ...(subresource === undefined ? [] : [`--subresource=${subresource}`])]
  // Exits 1 for no; the word is what counts.
  const answer = await cluster
    .kubectl(['auth', 'can-i', ...question, '--namespace', namespace, ...as])
    .catch((error: unknown) => String(error))
  return /^yes$/m.test(answer) ? 'yes' : /^no\b/m.test(answer) ? 'no' : answer
}

/** Every right in the namespace, one line each, as the API server lists them for a review of one's own rules. */
async function rightsOf({ cluster }: StepParts, as: readonly string[]): Promise<readonly string[]> {
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: 'silt' } }
  const answer = await cluster.kubectl(
    ['create', ...as, '--validate=false', '-o', 'json', '-f', '-'],
    JSON.stringify(review),
  )
  const { status } = JSON.parse(answer) as { readonly status: { readonly resourceRules: readonly Rule[] } }
  const lines = status.resourceRules.flatMap(({ verbs, apiGroups = [], resources = [], resourceNames = [] }) => {
    assert.deepEqual(resourceNames, [])
    return apiGroups.flatMap((group) => resources.flatMap((name) => shown({ resource: named(group, name), verbs })))
  })
  return [...new Set(lines)].sort()
}

/** As kubectl writes it: `deployments.apps/scale`. */
function named(group: string, name: string): string {
  if (group === '') return name
  const [resource, ...subresource] = name.split('/')
  return [`${resource}.${group}`, ...subresource].join('/')
}

function shown({ resource, verbs }: Right): readonly string[] {
  return verbs.map((verb) => `${verb} ${resource}`)
}
