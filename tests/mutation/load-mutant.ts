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

export interface LoadedMutant {
  /** Whether every broken file was loaded: a mutant that nobody imports proves nothing. */
  isUsed(): boolean
  /** Later imports get the true source again; what was imported stays broken. */
  end(): void
}

/**
 * From here on `import` of the patched files gives the broken ones, in this thread. Call it before anything imports those files, in a process or
 * worker of its own. Throws at once where a source has changed so that a patch no longer fits exactly one place.
 */
export function loadMutant(...patches: readonly SourcePatch[]): LoadedMutant {
  const sources = new Map<string, string>()
  for (const patch of patches) {
    const path = join(root, patch.file)
    const url = pathToFileURL(path).href
    sources.set(url, patchedSource(sources.get(url) ?? readFileSync(path, 'utf8'), patch))
  }
  const used = new Set<string>()
  const hooks = registerHooks({
    load(asked, context, next) {
      const url = asked.split(/[?#]/, 1)[0] as string
      const source = sources.get(url)
      if (source === undefined) return next(asked, context)
      used.add(url)
      return { format: 'module-typescript', source, shortCircuit: true }
    },
  })
  return {
    isUsed: () => used.size === sources.size,
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
