import { collectGarbage } from '@silt/core'
import { spreadOf, type Spread } from './spread.ts'

/** What one round of one contender took. */
export interface Sample {
  readonly cpuMicros: number
  readonly rows: number
  /** Of the files it made, for `rows` rows; 0 where it makes none. */
  readonly fileBytes: number
}

/** Something to be measured, prepared: every `sample` does the same work. */
export interface Contender {
  readonly name: string
  readonly sample: () => Promise<Sample>
  readonly close?: () => Promise<void>
}

export interface Measured {
  readonly name: string
  readonly cpuMicrosPerEvent: Spread
  readonly bytesPerRow: number
}

/** All contenders in turn, round by round, after one round that does not count: what slows the machine down slows all of them. */
export async function inTurns(contenders: readonly Contender[], rounds: number, events: number): Promise<Measured[]> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const { name, sample } of contenders) {
      collectGarbage()
      const taken = await sample()
      if (round > 0) samples.get(name)?.push(taken)
    }
  }
  return [...samples].map(([name, of]) => ({
    name,
    cpuMicrosPerEvent: spreadOf(of.map(({ cpuMicros }) => cpuMicros / events)),
    bytesPerRow: spreadOf(of.map(({ fileBytes, rows }) => fileBytes / Math.max(1, rows))).median,
  }))
}
