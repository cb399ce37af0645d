import type { Deployment } from './deployment.ts'
import { silt } from './silt-process.ts'

/** What the tests read of `silt audit --json`. */
interface AuditReport {
  readonly verdict: string
  readonly rows: number
  readonly deadLetters: number
  readonly partitions: readonly {
    readonly partition: number
    readonly topicId: string
    readonly restart: number
    readonly verdict: string
    readonly first: number
    readonly next: number
    readonly rows: number
    readonly deadLetters: number
    readonly gaps: number
    readonly accepted: number
  }[]
}

export async function auditReport(target: Deployment): Promise<AuditReport> {
  const { stdout, stderr } = await silt(['audit', '--json'], target.environment)
  const line = stdout.split('\n').find((each) => each.startsWith('{"table"'))
  if (line === undefined) throw new Error(`silt audit told nothing\n${stdout}\n${stderr}`)
  return JSON.parse(line) as AuditReport
}
