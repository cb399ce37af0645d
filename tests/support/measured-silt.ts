import { fileURLToPath } from 'node:url'
import { runPython } from './python.ts'
import { launcher } from './silt-process.ts'

const script = fileURLToPath(new URL('../load/measure.py', import.meta.url))

interface Measured {
  readonly code: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly residentMegabytes: number
  readonly output: string
}

/** Runs one `silt` command to its end and tells what it took. */
export function measuredSilt(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Measured> {
  return runPython<Measured>(script, [process.execPath, launcher, ...args], environment)
}
