import { requireToken } from '@silt/collector'
import type { Settings } from '@silt/config'
import { loginRules } from '@silt/console'
import { asSiltError, SiltError } from '@silt/core'
import { collectorOptions } from './collector-run.ts'
import { consoleOptions, shownRedis } from './console-run.ts'
import type { ServiceName } from './service-parts.ts'

/**
 * Asks each service what it would refuse these settings for at its start; the console only where a login was given, for without one nobody means
 * to run it. Errors: `config/service-refuses` (invalid), a line a fault.
 */
export function requireServicesStart(settings: Settings): void {
  const faults = [
    ...refusals('collector', [() => requireToken(collectorOptions(settings))]),
    ...(isConsoleMeant(settings)
      ? refusals('console', [() => shownRedis(settings), () => loginRules(consoleOptions(settings))])
      : []),
  ]
  if (faults.length === 0) return
  throw new SiltError('invalid', 'config/service-refuses', `settings are wrong:\n${faults.join('\n')}`)
}

function refusals(service: ServiceName, rules: readonly (() => unknown)[]): readonly string[] {
  return rules.flatMap((rule) => {
    try {
      rule()
      return []
    } catch (thrown) {
      const { code, message } = asSiltError(thrown)
      return [`  silt run ${service} refuses them: ${message} [${code}]`]
    }
  })
}

function isConsoleMeant(settings: Settings): boolean {
  const { CONSOLE_TOKEN, CONSOLE_ADMIN_TOKEN, CONSOLE_USER_HEADER, CONSOLE_PROXY_TOKEN, CONSOLE_ADMIN_USERS } = settings
  const login = [CONSOLE_TOKEN, CONSOLE_ADMIN_TOKEN, CONSOLE_USER_HEADER, CONSOLE_PROXY_TOKEN, CONSOLE_ADMIN_USERS]
  return login.some((given) => given !== undefined)
}
