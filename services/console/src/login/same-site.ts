import type { HeaderOf } from './recognise.ts'

/**
 * Whether a request that changes something was made by a page of this console. Browsers say so themselves; one too old to say it sends the page's
 * origin, whose host must be ours. A request that says neither was not made by a page of ours.
 */
export function isSameSite(header: HeaderOf): boolean {
  const site = header('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin'
  const origin = header('origin')
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === header('host')
}
