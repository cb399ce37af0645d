import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

/** `deploy/compose`. */
export const composeFolder = fileURLToPath(new URL('../../deploy/compose', import.meta.url))

interface ComposeFile {
  readonly services: Readonly<
    Record<string, { readonly environment?: Readonly<Record<string, string>>; readonly command?: readonly string[] }>
  >
}

/**
 * What `compose.yaml` gives each service as its environment, `variables` standing for the environment compose itself is run in. `places` tells
 * where what has a name or a path inside the containers is outside: texts and what stands in their place.
 */
export class ComposeFileOf {
  readonly #file: ComposeFile
  readonly #variables: Readonly<Record<string, string>>
  readonly #places: Readonly<Record<string, string>>

  constructor(variables: Readonly<Record<string, string>>, places: Readonly<Record<string, string>>) {
    this.#file = parse(readFileSync(`${composeFolder}/compose.yaml`, 'utf8'), { merge: true }) as ComposeFile
    this.#variables = variables
    this.#places = places
  }

  environment(service: string): Readonly<Record<string, string>> {
    const found = this.#file.services[service]
    if (found === undefined) throw new Error(`compose.yaml has no service ${service}`)
    return Object.fromEntries(
      Object.entries(found.environment ?? {}).map(([name, value]) => [name, this.#outside(value)]),
    )
  }

  #outside(value: string): string {
    const text = value.replaceAll(/\$\{(\w+)(?::[-?]([^}]*))?\}/g, (_, name: string, fallback?: string) => {
      const set = this.#variables[name] ?? fallback
      if (set === undefined) throw new Error(`compose.yaml needs ${name}`)
      return set
    })
    return Object.entries(this.#places).reduce((moved, [inside, outside]) => moved.replaceAll(inside, outside), text)
  }
}
