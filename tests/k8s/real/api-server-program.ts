import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureCached } from '../../servers/cache.ts'
import { runTool } from '../../servers/tools.ts'
import { capture } from '../capture.ts'

const kubernetes = 'v1.37.2'
/** Kubernetes' parts have its minor and patch under major 0. */
const parts = kubernetes.replace(/^v1\./, 'v0.')
const buildMsMax = 45 * 60_000

/**
 * The path of a kube-apiserver, built as a Go module of its own; kept in the servers' cache. The first call takes eight minutes on two idle
 * cores: Kubernetes ships no such binary by any package registry.
 */
export async function apiServerProgram(): Promise<string> {
  const folder = await ensureCached(`kube-apiserver-${kubernetes}`, async (scratch) => {
    const downloaded = await capture('go', ['mod', 'download', '-json', `k8s.io/kubernetes@${kubernetes}`], {
      msMax: 600_000,
    })
    const { GoMod } = JSON.parse(downloaded) as { readonly GoMod: string }
    await writeFile(join(scratch, 'go.mod'), goModule(await readFile(GoMod, 'utf8')))
    await writeFile(join(scratch, 'tools.go'), goSource)
    const output = join(scratch, 'kube-apiserver')
    const build = ['build', '-ldflags', versionFlags(), '-o', output, 'k8s.io/kubernetes/cmd/kube-apiserver']
    await runTool('go', build, { timeoutMs: buildMsMax, cwd: scratch, env: { GOFLAGS: '-buildvcs=false -mod=mod' } })
  })
  return join(folder, 'kube-apiserver')
}

/** A file of a Go module's release, where the module is a project that ships more than Go: the operators' CRDs. */
export async function moduleFolder(module: string): Promise<string> {
  const downloaded = await capture('go', ['mod', 'download', '-json', module], { msMax: 600_000 })
  return (JSON.parse(downloaded) as { readonly Dir: string }).Dir
}

const goSource = '//go:build tools\n\npackage tools\n\nimport _ "k8s.io/kubernetes/cmd/kube-apiserver"\n'

/** Kubernetes' own module names its parts as v0.0.0 and has them beside it; a module that requires it must say where they are. */
function goModule(theirs: string): string {
  const go = /^go .*$/m.exec(theirs)?.[0] ?? 'go 1.26'
  const staged = [...theirs.matchAll(/^\s+(k8s\.io\/\S+) v0\.0\.0$/gm)].map(
    ([, path]) => `\t${path} => ${path} ${parts}`,
  )
  return `module silt.test/apiserver\n\n${go}\n\nrequire k8s.io/kubernetes ${kubernetes}\n\nreplace (\n${staged.join('\n')}\n)\n`
}

/** Without these it calls itself v0.0.0, which no chart is made for. */
function versionFlags(): string {
  const [major, minor] = kubernetes.slice(1).split('.')
  const said = { gitVersion: kubernetes, gitMajor: major, gitMinor: minor }
  return Object.entries(said)
    .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    .join(' ')
}
