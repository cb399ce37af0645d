import type { Point } from './growth.ts'

export interface Line {
  readonly name: string
  readonly points: readonly Point[]
}

/** One set of axes; all its lines have one unit. */
export interface Panel {
  readonly title: string
  readonly unit: string
  readonly lines: readonly Line[]
}

const width = 960
const panelHeight = 150
const left = 70
const right = 150
const top = 34
const bottom = 18
// Told apart by people who do not see all colours (Okabe and Ito).
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#888888']
const gridLines = 3
const labelHeight = 13

/** Panels below each other over one axis of minutes, as an SVG of its own. Every panel begins at 0. */
export function svgChart(title: string, panels: readonly Panel[]): string {
  const all = panels.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(({ atMs }) => atMs)))
  const [fromMs, toMs] = [Math.min(...all), Math.max(...all)]
  const x = (atMs: number): number => left + ((atMs - fromMs) / Math.max(1, toMs - fromMs)) * (width - left - right)
  const height = 40 + panels.length * (panelHeight + top) + 30
  const drawn = panels.map((panel, index) => drawPanel(panel, 40 + index * (panelHeight + top) + top, x))
  const minutes = (toMs - fromMs) / 60_000
  const step = [1, 2, 5, 10, 20, 60].find((each) => minutes / each <= 8) ?? 120
  const ticks = Array.from({ length: Math.floor(minutes / step) + 1 }, (_, index) => index * step)
  const axis = ticks.map((tick) => text(x(fromMs + tick * 60_000), height - 14, `${tick} min`, 'middle'))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${left}" y="26" font-size="15" font-weight="bold">${escaped(title)}</text>`,
    ...drawn,
    ...axis,
    '</svg>',
    '',
  ].join('\n')
}

function drawPanel({ title, unit, lines }: Panel, yTop: number, x: (atMs: number) => number): string {
  const most = niceAbove(Math.max(...lines.flatMap(({ points }) => points.map(({ value }) => value)), 0))
  const inner = panelHeight - bottom
  const y = (value: number): number => yTop + inner - (value / most) * inner
  const grid = Array.from({ length: gridLines + 1 }, (_, index) => (most * index) / gridLines).flatMap((value) => [
    `<line x1="${left}" x2="${width - right}" y1="${at(y(value))}" y2="${at(y(value))}" stroke="#ddd"/>`,
    text(left - 6, y(value) + 4, short(value), 'end'),
  ])
  const curves = lines.map(({ points }, index) => {
    const path = points.map(({ atMs, value }) => `${at(x(atMs))},${at(y(value))}`).join(' ')
    return `<polyline fill="none" stroke="${colourOf(index)}" stroke-width="1.3" points="${path}"/>`
  })
  // Names stand in the order in which their lines end, from the top.
  const named = lines
    .map(({ name, points }, index) => ({ name, index, end: points.at(-1)?.value ?? 0 }))
    .sort((a, b) => b.end - a.end)
    .map(({ name, index, end }, row) => {
      const label = `${name} ${short(end)}`
      return `<text x="${width - right + 8}" y="${at(yTop + 10 + row * labelHeight)}" fill="${colourOf(index)}">${escaped(label)}</text>`
    })
  const heading = `<text x="${left}" y="${yTop - 8}" font-weight="bold">${escaped(`${title}, ${unit}`)}</text>`
  return [heading, ...grid, ...curves, ...named].join('\n')
}

function text(xAt: number, yAt: number, what: string, anchor: 'middle' | 'end'): string {
  return `<text x="${at(xAt)}" y="${at(yAt)}" text-anchor="${anchor}">${escaped(what)}</text>`
}

/** The next of 1, 1.5, 3, 6 and 9 times a power of ten: thirds of it are short. */
function niceAbove(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 1.5, 3, 6, 9].find((each) => each * power >= value) ?? 15) * power
}

function colourOf(index: number): string {
  return colours[index % colours.length] ?? '#000000'
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)))
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10)
}

function escaped(what: string): string {
  return what.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
