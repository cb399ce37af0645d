import { describe, expect, it } from 'vitest'
import { absentNullCounts, field, statisticsColumns, struct, type StatisticsRule } from '../src/index.ts'

const schema = struct([
  field('p', 'string'),
  field('a', 'long'),
  field('s', struct([field('x', 'long'), field('y', struct([field('z', 'long'), field('w', 'long')]))])),
  field('list', { type: 'array', elementType: 'long', containsNull: true }),
  field('dotted.name', 'long'),
])
const leaves = [['p'], ['a'], ['s', 'x'], ['s', 'y', 'z'], ['s', 'y', 'w'], ['list'], ['dotted.name']]
const chosen = (rule: StatisticsRule): string[] => {
  const columns = statisticsColumns(schema, ['p'], rule, undefined)
  return leaves.filter((path) => columns.has(path)).map((path) => path.join('/'))
}

describe('columns with statistics', () => {
  it.each<[string, StatisticsRule, readonly string[]]>([
    ['the first three leaves, nested ones counted', { firstColumns: 3 }, ['a', 's/x', 's/y/z']],
    ['none', { firstColumns: 0 }, []],
    ['all but partition columns', { firstColumns: -1 }, ['a', 's/x', 's/y/z', 's/y/w', 'list', 'dotted.name']],
    [
      'those listed, all leaves of a struct, ignoring case',
      { firstColumns: 1, columns: [['S', 'Y'], ['a']] },
      ['a', 's/y/z', 's/y/w'],
    ],
    ['a name with a dot', { firstColumns: 0, columns: [['dotted.name']] }, ['dotted.name']],
    ['clustering columns beside the first', { firstColumns: 1, always: [['s', 'y', 'w']] }, ['a', 's/y/w']],
  ])('%s', (_, rule, wanted) => {
    expect(chosen(rule)).toEqual(wanted)
  })

  it('that must be there are null in a file that lacks them', () => {
    const always = [['a'], ['gone'], ['deep', 'x'], ['deep', 'y']]
    const columns = statisticsColumns(schema, [], { firstColumns: 0, always }, undefined)
    expect(absentNullCounts(schema, columns, 5)).toEqual(['"gone":5', '"deep":{"x":5,"y":5}'])
  })
})
