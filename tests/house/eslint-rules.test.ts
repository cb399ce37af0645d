import { fileURLToPath } from 'node:url'
import { ESLint } from 'eslint'
import { expect, test } from 'vitest'

const cwd = fileURLToPath(new URL('../..', import.meta.url))
const eslint = new ESLint({ cwd })

// The rules need a file that the compiler knows; its text is replaced.
const SERVICE_FILE = 'services/writer/src/index.ts'
const CORE_FILE = 'shared/core/src/index.ts'

async function rulesBroken(code: string, filePath = SERVICE_FILE): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath, warnIgnored: true })
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message)
}

const FAULTS: readonly (readonly [rule: string, code: string])[] = [
  ['@typescript-eslint/no-floating-promises', 'export function f(p: Promise<void>): void { p }'],
  ['@typescript-eslint/no-misused-promises', 'export function f(p: () => Promise<boolean>): void { if (p()) f(p) }'],
  ['@typescript-eslint/no-explicit-any', 'export const f = (x: any): number => Number(x)'],
  ['@typescript-eslint/no-unsafe-assignment', 'export const x: string = JSON.parse("1")'],
  ['@typescript-eslint/ban-ts-comment', '// @ts-expect-error because\nexport const x: string = 1'],
  ['@typescript-eslint/ban-ts-comment', '// @ts-ignore\nexport const x: string = 1'],
  [
    '@typescript-eslint/switch-exhaustiveness-check',
    'export function f(k: "a" | "b"): number { switch (k) { case "a": return 1 } return 0 }',
  ],
  [
    '@typescript-eslint/consistent-type-imports',
    'import { Stats } from "node:fs"\nexport const f = (s: Stats): number => s.size',
  ],
  ['@typescript-eslint/no-unnecessary-condition', 'export function f(x: number): void { if (x === undefined) f(x) }'],
  ['@typescript-eslint/only-throw-error', 'export function f(): never { throw "text" }'],
  ['@typescript-eslint/await-thenable', 'export async function f(): Promise<void> { await 1 }'],
  ['@typescript-eslint/no-unused-vars', 'const unused = 1\nexport const x = 2'],
  ['@typescript-eslint/prefer-readonly', 'export class C { #x = 1; get x(): number { return this.#x } }'],
  ['eqeqeq', 'export const f = (a: unknown, b: unknown): boolean => a == b'],
  ['max-lines', `${'// line\n'.repeat(400)}export {}\n`],
  ['no-restricted-properties', 'export const now = (): number => Date.now()'],
  ['no-restricted-properties', 'export const now = (): number => performance.now()'],
  ['no-restricted-properties', 'export const r = (): number => Math.random()'],
  ['no-restricted-properties', 'export const id = (): string => crypto.randomUUID()'],
  ['no-restricted-properties', 'export const home = process.env["HOME"]'],
  ['no-restricted-syntax', 'export const now = (): Date => new Date()'],
  ['no-restricted-syntax', 'export const now = (): string => Date()'],
  ['no-restricted-globals', 'export const later = (f: () => void): unknown => setTimeout(f, 1)'],
  ['no-restricted-globals', 'export const often = (f: () => void): unknown => setInterval(f, 1)'],
  ['no-restricted-globals', 'export const later = (f: () => void): unknown => globalThis.setTimeout(f, 1)'],
  ['no-restricted-imports', 'export { setTimeout } from "node:timers/promises"'],
  ['no-restricted-imports', 'export { randomUUID } from "node:crypto"'],
  ['no-restricted-imports', 'export { performance } from "node:perf_hooks"'],
  ['no-restricted-imports', 'export { env } from "node:process"'],
  ['no-restricted-imports', 'export { systemClock } from "../../../shared/core/src/clock.ts"'],
]

for (const [rule, code] of FAULTS) {
  test(`${rule} refuses ${JSON.stringify(code.slice(0, 80))}`, async () => {
    expect(await rulesBroken(code)).toContain(rule)
  })
}

test('code without a fault passes', async () => {
  expect(await rulesBroken('export const at = (ms: number): Date => new Date(ms)\n')).toEqual([])
})

test('core may define what the others are handed', async () => {
  expect(await rulesBroken('export const now = (): number => Date.now() + Math.random()\n', CORE_FILE)).toEqual([])
})
