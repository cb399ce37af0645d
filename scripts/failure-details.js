// Plain JavaScript for any Node from 20 on.

/**
 * A vitest reporter, to be named before the JSON one: leaves with each failed test, in its `meta.failures`, what the JSON report lacks: what was expected and what came, and
 * what an error was caused by.
 */
export default class FailureDetails {
  onTestRunEnd(testModules) {
    for (const testModule of testModules)
      for (const test of testModule.children.allTests('failed'))
        test.meta().failures = (test.result().errors ?? []).map((error) => toldOf(error))
  }
}

/** @returns {{ message: string, diff?: string, stack?: string, cause?: object }} */
function toldOf({ name, message, diff, stack, cause }, depth = 0) {
  return {
    message: name === undefined || message?.startsWith(name) ? String(message) : `${name}: ${message}`,
    ...(diff ? { diff } : {}),
    ...(stack ? { stack } : {}),
    ...(cause?.message !== undefined && depth < 5 ? { cause: toldOf(cause, depth + 1) } : {}),
  }
}
