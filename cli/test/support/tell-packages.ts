import { writeSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { isMainThread } from 'node:worker_threads'

/**
 * Loaded before a process by `--import`: it and each of its threads say at their end, on standard error, which packages they have loaded.
 * A package named in MISSING_PACKAGE is not there.
 */
export const packagesMark = 'packages loaded: '

const loaded = new Set<string>()
const missing = process.env['MISSING_PACKAGE']

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === missing) throw new Error(`Cannot find package '${specifier}'`)
    return next(specifier, context)
  },
  load(url, context, next) {
    const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]
    if (name !== undefined) loaded.add(name)
    return next(url, context)
  },
})
process.on('exit', () => {
  const told = { thread: isMainThread ? 'main' : 'worker', packages: [...loaded].sort() }
  writeSync(2, `${packagesMark}${JSON.stringify(told)}\n`)
})
