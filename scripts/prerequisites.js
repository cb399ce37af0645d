// Plain JavaScript for any Node from 20 on: what tiers need beside npm packages. Each answers undefined, or why it cannot be had.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { root, runProgram } from './run-program.js'

const PREREQUISITE_MISSING = 3

let servers
let python
let spark

/** Builds or downloads the test servers (tests/servers) where the cache lacks them. */
export async function prepareServers() {
  servers ??= runProgram('node', ['tests/servers/prebuild.ts'], { minutesMax: 30 })
  const code = await servers
  if (code === 0) return undefined
  if (code === PREREQUISITE_MISSING) return 'a server cannot be had: its message is above'
  throw new Error(`the test servers could not be prepared (exit ${code})`)
}

/** Makes a Python with the engines of tests/conformance/requirements.txt; SILT_TEST_PYTHON names it to the tests. */
export async function preparePython() {
  if (process.env.SILT_TEST_PYTHON) return undefined
  python ??= makePython('conformance', 'SILT_TEST_PYTHON')
  return python
}

/** Makes a Python with Spark and downloads Delta's jars: SILT_TEST_SPARK_PYTHON and SILT_TEST_SPARK_JARS name them to the tests. */
export async function prepareSpark() {
  if (process.env.SILT_TEST_SPARK_PYTHON && process.env.SILT_TEST_SPARK_JARS) return undefined
  spark ??= makeSpark()
  return spark
}

async function makeSpark() {
  if (spawnSync('java', ['-version']).status !== 0)
    return 'there is no Java runtime, 17 or newer (Debian: default-jre-headless)'
  const pom = join(root, 'tests', 'spark', 'pom.xml')
  const folder = join(cacheDir(), `spark-jars-${keyOf(pom)}`)
  if (!existsSync(join(folder, 'complete'))) {
    if (spawnSync('mvn', ['--version']).status !== 0) return 'there is no Maven to download jars (Debian: maven)'
    const goal = [
      'dependency:copy-dependencies',
      `-DoutputDirectory=${folder}`,
      '-DincludeGroupIds=io.delta,io.unitycatalog',
    ]
    const args = ['-B', '-ntp', '-q', '-f', pom, ...goal, '-DincludeScope=runtime']
    if ((await runProgram('mvn', args, { minutesMax: 10 })) !== 0)
      throw new Error('Maven could not download what tests/spark/pom.xml names')
    mkdirSync(join(folder, 'complete'))
  }
  process.env.SILT_TEST_SPARK_JARS = folder
  return makePython('spark', 'SILT_TEST_SPARK_PYTHON')
}

function keyOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16)
}

/** With `tests/<of>/requirements.txt`; the variable names it to the tests. */
async function makePython(of, variable) {
  if (spawnSync('python3', ['--version']).status !== 0) return 'python3 is not on PATH (Debian: python3 python3-venv)'
  const requirements = join(root, 'tests', of, 'requirements.txt')
  const folder = join(cacheDir(), `python-${keyOf(requirements)}`)
  const program = join(folder, 'bin', 'python')
  if (!existsSync(join(folder, 'complete'))) {
    mkdirSync(cacheDir(), { recursive: true })
    rmSync(folder, { recursive: true, force: true })
    const made = await runProgram('python3', ['-m', 'venv', folder], { minutesMax: 2 })
    if (made !== 0) return 'python3 has no venv module (Debian: python3-venv)'
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]
    const installed = await runProgram(program, pip, { minutesMax: 10 })
    if (installed !== 0) throw new Error(`pip could not install ${requirements}`)
    mkdirSync(join(folder, 'complete'))
  }
  process.env[variable] = program
  return undefined
}

/** Whether there is a chromium (tests/support/browser.ts); nothing downloads one. */
export async function findBrowser() {
  const paths = [
    process.env.SILT_TEST_CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ]
  if (paths.some((path) => path && existsSync(path))) return undefined
  return 'there is no chromium (Debian: chromium); SILT_TEST_CHROMIUM may name one'
}

function cacheDir() {
  return process.env.SILT_SERVERS_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'silt-servers')
}
