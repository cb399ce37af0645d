import { randomUUID } from 'node:crypto'
import { SiltError } from '@silt/core'
import { findProgram, missing, runTool } from './tools.ts'
import type { Account } from './tools.ts'

/** One program run as a server, natively or in a container on the host's network. */
export interface ServerCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Set when a container engine runs it: signals then go to the container, not to its client. */
  readonly container?: string
  /** Who runs it, when that is not this process's own user. */
  readonly account?: Account
}

/** What one server needs to be run either way. `native` resolves to the program's path, building it when it must. */
export interface ServerRecipe {
  readonly name: string
  readonly image: string
  readonly nativeMissing: () => string | undefined
  readonly native: () => Promise<string>
  /** The program's name inside the image. */
  readonly entrypoint: string
}

const PULL_MS_MAX = 10 * 60_000

type Engine = 'native' | 'docker'

/** `SILT_SERVERS=native|docker` decides; without it native where the tools are, else a container engine that answers. */
async function chooseEngine(recipe: ServerRecipe): Promise<Engine> {
  const wanted = process.env['SILT_SERVERS'] ?? ''
  if (wanted !== '' && wanted !== 'native' && wanted !== 'docker') {
    throw new SiltError('invalid', 'servers/engine', `SILT_SERVERS is ${wanted}; it takes native or docker`)
  }
  if (wanted === 'docker') {
    if (!(await dockerAnswers())) throw missing(recipe.name, 'a running Docker engine (SILT_SERVERS=docker)')
    return 'docker'
  }
  const remedy = recipe.nativeMissing()
  if (remedy === undefined) return 'native'
  if (wanted === '' && (await dockerAnswers())) return 'docker'
  throw missing(recipe.name, `${remedy}, or a running Docker engine`)
}

/** The command that runs `args` of the recipe's program; `dataDir` keeps its path inside a container. */
export async function serverCommand(
  recipe: ServerRecipe,
  args: readonly string[],
  options: { dataDir: string; env?: Readonly<Record<string, string>>; account?: Account },
): Promise<ServerCommand> {
  const { env = {}, account } = options
  if ((await chooseEngine(recipe)) === 'native')
    return { file: await recipe.native(), args, env, ...(account === undefined ? {} : { account }) }
  const container = `silt-${recipe.name}-${randomUUID()}`
  const { uid, gid } = account ?? { uid: process.getuid?.(), gid: process.getgid?.() ?? 0 }
  const user = uid === undefined ? [] : ['--user', `${uid}:${gid}`]
  const mount = ['--volume', `${options.dataDir}:${options.dataDir}`, '--workdir', options.dataDir]
  const variables = Object.keys(env).flatMap((name) => ['--env', name])
  const run = ['run', '--rm', '--init', '--network', 'host', '--name', container, '--label', 'silt.test=1']
  const program = ['--entrypoint', recipe.entrypoint, recipe.image]
  return { file: 'docker', args: [...run, ...user, ...mount, ...variables, ...program, ...args], env, container }
}

/** Makes the program or the image available, so that starting the server later takes seconds. */
export async function prepareServer(recipe: ServerRecipe): Promise<string> {
  if ((await chooseEngine(recipe)) === 'native') return recipe.native()
  await runTool('docker', ['pull', '--quiet', recipe.image], { timeoutMs: PULL_MS_MAX })
  return recipe.image
}

let dockerAnswer: Promise<boolean> | undefined

function dockerAnswers(): Promise<boolean> {
  dockerAnswer ??= findProgram('docker') === undefined ? Promise.resolve(false) : dockerInfo()
  return dockerAnswer
}

async function dockerInfo(): Promise<boolean> {
  try {
    await runTool('docker', ['info'], { timeoutMs: 10_000 })
    return true
  } catch {
    return false
  }
}
