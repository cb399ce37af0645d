import { expect, test } from 'vitest'
import { svgChart } from './chart.ts'

const points = [
  { atMs: 1_000, value: 0 },
  { atMs: 61_000, value: 30 },
  { atMs: 121_000, value: 15 },
]

test('a chart has a title, and for each line a curve and its last value', () => {
  const svg = svgChart('Two minutes <of> it', [
    { title: 'memory', unit: 'MiB', lines: [{ name: 'writer-0', points }] },
    { title: 'files', unit: 'open', lines: [{ name: 'all', points: points.slice(0, 2) }] },
  ])
  expect(svg).toContain('Two minutes &lt;of&gt; it')
  expect(svg.match(/<polyline/g)).toHaveLength(2)
  expect(svg).toContain('>writer-0 15</text>')
  expect(svg).toContain('>memory, MiB</text>')
  expect(svg).toContain('>2 min</text>')
})

test('values go up from the foot of their panel to its top', () => {
  const svg = svgChart('t', [{ title: 'memory', unit: 'MiB', lines: [{ name: 'a', points }] }])
  expect(/points="([^"]*)"/.exec(svg)?.[1]).toBe('70,206 440,74 810,140')
})

test('a panel of zeros is drawn', () => {
  const flat = points.map(({ atMs }) => ({ atMs, value: 0 }))
  expect(svgChart('t', [{ title: 'waits', unit: 's', lines: [{ name: 'a', points: flat }] }])).not.toContain('NaN')
})
