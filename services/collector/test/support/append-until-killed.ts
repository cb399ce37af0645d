// Appends numbered events and prints each number once it is durable, until it is killed.
import { systemClock } from '@silt/core'
import { FilesSink } from '../../src/files/files-sink.ts'

const sink = new FilesSink({ topicsDir: process.argv[2] ?? '', topic: 'events', clock: systemClock })
const never = new AbortController().signal
for (let n = 1; ; n++) {
  const failures = await sink.append([{ text: JSON.stringify({ n, fill: 'x'.repeat(20_000) }), key: null }], never)
  if (failures.length > 0) throw failures[0]?.error ?? new Error('it failed')
  process.stdout.write(`${n}\n`)
}
