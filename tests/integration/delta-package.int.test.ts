import { execFileSync, spawn } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { field, struct } from '@silt/core'
import { commitEntry, commitInfo, newTableActions } from '@silt/delta'
import { localTable } from '@silt/delta/node'
import { ArrowParquetWriter } from '@silt/parquet'

const root = fileURLToPath(new URL('../..', import.meta.url))
const examples = join(root, 'shared/delta/examples')
const node = process.execPath
let scratch: string
let project: string
let table: string

/** Runs a program in the empty project; what it prints. */
function run(program: string, args: readonly string[], cwd = project): string {
  try {
    return execFileSync(program, args, { cwd, encoding: 'utf8', timeout: 100_000, stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${program} ${args.join(' ')}: ${stdout ?? ''}${stderr ?? ''}`, { cause: error })
  }
}

function example(name: string, ...args: readonly string[]): readonly string[] {
  return run(node, [`${name}.ts`, table, ...args])
    .trimEnd()
    .split('\n')
}

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'silt-package-'))
  project = join(scratch, 'project')
  table = join(scratch, 'table')
  await mkdir(project)
  await makeTable()

  run('npm', ['pack', join(root, 'shared/delta/package'), '--pack-destination', scratch], scratch)
  // No registry: what the package depends on is packed from where it is installed here.
  const libraries = ['hyparquet', 'hyparquet-compressors', 'fzstd', 'hysnappy']
  const folders = libraries.map((name) => join(root, 'node_modules', name))
  run('npm', ['pack', '--ignore-scripts', ...folders, '--pack-destination', scratch], scratch)
  const tarballs = (await readdir(scratch)).filter((name) => name.endsWith('.tgz')).map((name) => join(scratch, name))

  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }))
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', ...tarballs])
  for (const name of await readdir(examples)) {
    if (name.endsWith('.ts')) await copyFile(join(examples, name), join(project, name))
  }
})

afterAll(() => rm(scratch, { recursive: true, force: true }))

/** Version 0, checkpointed from every second commit on, and two Parquet files that no commit adds yet. */
async function makeTable(): Promise<void> {
  const store = localTable(table)
  const schema = struct([field('id', 'long'), field('name', 'string')])
  const created = newTableActions({
    id: '0c1f2ad5-63a0-4b8e-9a5e-0f6c1d2e3f40',
    schema,
    partitionColumns: [],
    configuration: { 'delta.checkpointInterval': '2' },
    createdMs: 1,
  })
  const info = commitInfo({ timestampMs: 1, operation: 'CREATE TABLE', engineInfo: 'silt/test', token: 'made' })
  await commitEntry(store, { version: 0, actions: [info, ...created], token: 'made', readBack: true })
  for (const [name, ids] of Object.entries({ 'first.parquet': [1n, 2n, 3n], 'second.parquet': [4n] })) {
    const rows = ids.map((id) => ({ id, name: `n${id}` }))
    await store.put(name, new ArrowParquetWriter().encodeRows(schema, rows))
  }
}

test('the tarball has compiled modules and their declarations, and nothing of the tests', async () => {
  const files = (await readdir(join(project, 'node_modules/@silt/delta'), { recursive: true })).filter((name) =>
    name.includes('.'),
  )
  expect(files).toEqual(expect.arrayContaining(['README.md', 'package.json', 'dist/delta/package/index.d.ts']))
  const code = files.filter((name) => name.startsWith('dist/'))
  expect(code.length).toBeGreaterThan(100)
  expect(code.filter((name) => !/^dist\/[a-z-]+\/(src|package)\/.*\.(js|d\.ts)$/.test(name))).toEqual([])
})

test('the sources are not packed by mistake', () => {
  const pack = (): string => run('npm', ['pack', join(root, 'shared/delta'), '--dry-run'], scratch)
  expect(pack).toThrow('npm run package --workspace @silt/delta')
})

test('the examples type-check against its declarations, with every library checked', async () => {
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  }
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  expect(run(node, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'])).toBe('')
  await writeFile(join(project, 'wrong.ts'), `import { loadState } from '@silt/delta'\nloadState('a folder')\n`)
  expect(() => run(node, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'])).toThrow('wrong.ts(2,')
  await rm(join(project, 'wrong.ts'))
})

test('the examples append, follow, read, travel and check with nothing but the tarball', async () => {
  const follower = spawn(node, ['follow.ts', table, '2'], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] })
  const followed: string[] = []
  let appended = false
  for await (const line of createInterface({ input: follower.stdout })) {
    followed.push(line)
    if (appended) continue
    appended = true
    expect(example('append', 'first.parquet')).toEqual([
      'version 1: committed',
      'first.parquet is in the table, of version 1 now',
    ])
    expect(example('append', 'second.parquet')[0]).toBe('version 2: committed')
  }
  expect([followed[0], followed.at(-1)]).toEqual(['version 0', 'version 2'])
  // Twice is once.
  expect(example('append', 'second.parquet')).toEqual(['second.parquet is in the table, of version 2 now'])

  // The state comes from a checkpoint now, and its Parquet from what was installed.
  expect(await readdir(join(table, '_delta_log'))).toContain('00000000000000000002.checkpoint.parquet')
  const read = example('read')
  expect(read[0]).toMatch(/^version 2, 2 files, \d+ bytes$/)
  expect(read.slice(1, 3)).toEqual(['column id: "long"', 'column name: "string"'])
  expect(read.slice(3).sort()).toEqual([
    expect.stringMatching(/^file first\.parquet: \d+ bytes$/),
    expect.stringMatching(/^file second\.parquet: \d+ bytes$/),
  ])
  expect(example('time-travel', '1')).toEqual([
    'as of 1: version 1, 1 files',
    expect.stringMatching(/^version 2: WRITE at 2/),
    expect.stringMatching(/^version 1: WRITE at 2/),
    'version 0: CREATE TABLE at 1970-01-01T00:00:00.001Z',
  ])
  expect(example('time-travel', '2100-01-01T00:00:00Z')[0]).toBe('as of 2100-01-01T00:00:00Z: version 2, 2 files')
  expect(example('check')).toEqual(['version 2: 2 files, 4 rows, 0 findings'])
  await rm(join(table, 'first.parquet'))
  expect(() => example('check')).toThrow('file-missing first.parquet')
})
