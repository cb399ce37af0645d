import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** One place of the product's source, broken on purpose: `find` is there exactly once and becomes `replace`. */
export interface SourcePatch {
  /** Seen from the repository's root, with slashes. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** A broken variant of the protocol, by the name under which it is run and reported. */
export interface Mutant extends SourcePatch {
  readonly name: string
}

export interface LoadedMutant {
  /** Whether the broken file was loaded at all: a mutant that nobody imports proves nothing. */
  isUsed(): boolean
  /** Later imports get the true source again; what was imported stays broken. */
  end(): void
}

/**
 * From here on `import` of the patched file gives the broken one, in this thread. Call it before anything imports that file, in a process or worker
 * of its own. Throws at once where the source has changed so that the patch no longer fits exactly one place.
 */
export function loadMutant(patch: SourcePatch): LoadedMutant {
  const path = join(root, patch.file)
  const url = pathToFileURL(path).href
  const source = patchedSource(readFileSync(path, 'utf8'), patch)
  let used = false
  const hooks = registerHooks({
    load(asked, context, next) {
      if (asked.split(/[?#]/, 1)[0] !== url) return next(asked, context)
      used = true
      return { format: 'module-typescript', source, shortCircuit: true }
    },
  })
  return {
    isUsed: () => used,
    end: () => {
      hooks.deregister()
    },
  }
}

/** Throws unless `find` is in the source exactly once. */
export function patchedSource(source: string, { file, find, replace }: SourcePatch): string {
  const parts = source.split(find)
  if (parts.length !== 2)
    throw new Error(`${file} holds ${parts.length - 1} times what the mutant replaces, expected once: ${find}`)
  return parts.join(replace)
}
