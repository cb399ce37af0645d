import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Environment } from './measure/environment.ts'

export const sections = ['stages', 'pipeline', 'pipeline-long', 'memory', 'profile', 'freshness', 'delta'] as const
export type Section = (typeof sections)[number]

/** What a section measured, and where. */
export interface Result<T> {
  readonly environment: Environment
  readonly measured: T
}

/** Where the results that the documentation shows are kept. */
export function resultPath(section: Section): string {
  return fileURLToPath(new URL(`results/${section}.json`, import.meta.url))
}

export function writeResult<T>(path: string, result: Result<T>): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(result, undefined, 2)}\n`)
}

/** Undefined where the section was never measured. The file is one of `writeResult`. */
export function readResult<T>(path: string): Result<T> | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Result<T>
  } catch {
    return undefined
  }
}
