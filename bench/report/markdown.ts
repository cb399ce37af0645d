import type { Environment } from '../measure/environment.ts'
import type { Spread } from '../measure/spread.ts'

export type Cell = string | number

/** The first column to the left, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}

export function spreadText({ median, min, max }: Spread): string {
  return `${micros(median)} (${micros(min)}-${micros(max)})`
}

export function micros(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1)
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en')
}

/** Where, of what and how figures were taken. */
export function environmentText({ machine, versions, commit, date, command }: Environment): string {
  const of = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `${machine}; ${of.join(', ')}; commit ${commit}, ${date}: \`${command}\``
}

/** The text with what stands between `<!-- name -->` and `<!-- /name -->` replaced; throws where these are missing. */
export function withSection(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [text.indexOf(open), text.indexOf(close)]
  if (from === -1 || to < from) throw new Error(`there is no ${open} … ${close}`)
  return `${text.slice(0, from + open.length)}\n\n${content}\n\n${text.slice(to)}`
}
