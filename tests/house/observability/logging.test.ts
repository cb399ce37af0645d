import { expect, test } from 'vitest'
import { logSources } from '../../observability/log-sources.ts'
import { fieldMeanings } from '../../observability/logging-page.ts'

const { messages, codes } = logSources()

test('fields that many messages carry have a meaning in docs/logging.md', () => {
  const uses = new Map<string, number>()
  for (const { fields } of messages) for (const name of fields) uses.set(name, (uses.get(name) ?? 0) + 1)
  const common = [...uses].filter(([, count]) => count > 3).map(([name]) => name)
  expect(common.filter((name) => !(name in fieldMeanings))).toEqual([])
  expect(common).toEqual(expect.arrayContaining(['topic', 'unit', 'version', 'code', 'kind', 'error']))
})

test('messages and codes are found wherever they are written', () => {
  expect(messages).toContainEqual({
    level: 'info',
    from: 'services/committer',
    message: 'wrote a checkpoint',
    fields: ['version', 'ms', 'of'],
  })
  expect(codes.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['store/denied', 'queue/unavailable', 'source/topic-changed', 'committer/stopped']),
  )
})

test('no code is spelled in two ways: lower case, one slash', () => {
  for (const { code } of codes) expect(code).toMatch(/^[a-z]+(-[a-z]+)*\/[a-z0-9]+(-[a-z0-9]+)*$/)
})
