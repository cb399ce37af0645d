import { readFileSync } from 'node:fs'

export interface Asset {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** Nothing but this page's own files, and events to its own server. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const files: ReadonlyMap<string, readonly [file: string, type: string]> = new Map([
  ['/', ['demo.html', 'text/html; charset=utf-8']],
  ['/demo.css', ['demo.css', 'text/css; charset=utf-8']],
  ['/demo.js', ['demo.js', 'text/javascript; charset=utf-8']],
])

const read = new Map<string, Asset>()

/** A file of the demo page, by the path it is asked for. */
export function demoAsset(path: string): Asset | undefined {
  const known = read.get(path)
  const found = files.get(path)
  if (known !== undefined || found === undefined) return known
  const [file, type] = found
  const body = readFileSync(new URL(`./assets/${file}`, import.meta.url))
  const asset: Asset = {
    body,
    headers: {
      'content-type': type,
      'content-length': String(body.length),
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    },
  }
  read.set(path, asset)
  return asset
}
