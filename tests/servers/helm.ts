import { goProgram, goProgramMissing } from './go-install.ts'
import { missing } from './tools.ts'

const program = { name: 'helm', module: 'helm.sh/helm/v3/cmd/helm', version: 'v3.22.0' } as const

/** The path of helm, which renders and checks deploy/k8s/chart; the first call on a machine builds it (about two minutes). */
export async function helmProgram(): Promise<string> {
  const remedy = goProgramMissing(program)
  if (remedy !== undefined) throw missing(program.name, remedy)
  return goProgram(program)
}
