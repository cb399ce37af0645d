export interface Point {
  readonly atMs: number
  readonly value: number
}

export interface Growth {
  /** Of the second and the last third of the time. */
  readonly median: number
  readonly most: number
  /** Of the line of least squares through them. */
  readonly perHour: number
  /** Whether the line rises, over its time, by more than a tenth of the median and more than `floor`. */
  readonly grows: boolean
}

const risePartMax = 0.1

/**
 * Whether a figure rises without a bound in sight, by its slope after the first third, in which caches fill. `floor` is how much it may rise in any
 * case: what is noise of small figures.
 */
export function growthOf(points: readonly Point[], floor: number): Growth {
  const settled = points.slice(Math.floor(points.length / 3))
  const first = settled[0]
  const last = settled.at(-1)
  if (first === undefined || last === undefined || last.atMs === first.atMs)
    throw new RangeError('too few points to tell a slope')
  const perMs = slope(settled)
  const median = middle(settled.map(({ value }) => value))
  const rise = perMs * (last.atMs - first.atMs)
  return {
    median,
    most: Math.max(...points.map(({ value }) => value)),
    perHour: perMs * 3_600_000,
    grows: rise > Math.max(floor, median * risePartMax),
  }
}

function slope(points: readonly Point[]): number {
  const meanAt = mean(points.map(({ atMs }) => atMs))
  const meanValue = mean(points.map(({ value }) => value))
  const across = points.reduce((sum, { atMs, value }) => sum + (atMs - meanAt) * (value - meanValue), 0)
  return across / points.reduce((sum, { atMs }) => sum + (atMs - meanAt) ** 2, 0)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
