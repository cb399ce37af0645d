import { anyText, flag, KiB, GiB, MiB, oneOf, port, setting, text, whole } from './setting-definition.ts'

const token = text(/^[!-~]{16,}$/, 'must be at least 16 characters, none of them a space')
const origins = text(
  /^https?:\/\/[^\s,/]+(,https?:\/\/[^\s,/]+)*$/,
  'must be origins as browsers send them (https://shop.example), several separated by commas',
)
const headerName = text(/^[A-Za-z0-9-]+$/, 'must be the name of a header')

/** The collector's door: `silt run collector`. */
export const collectorSettings = Object.freeze({
  HTTP_PORT: setting(port, '8080', 'Port the collector takes events on (`POST /events`); 0 = any free port.'),
  HTTP_HOST: setting(anyText, '127.0.0.1', 'Address HTTP_PORT listens on; any but loopback needs HTTP_TOKEN.'),
  HTTP_TOKEN: setting(token, undefined, 'Bearer token senders must show. Unset: only this machine may send.', {
    secret: true,
  }),
  HTTP_ORIGINS: setting(origins, undefined, 'Web pages that may send from a browser, beside those of the same origin.'),
  HTTP_KEY: setting(
    oneOf('session_id', 'none'),
    'session_id',
    'Record key: events of one session stay in order in one partition; none deals them out.',
  ),
  HTTP_BODY_BYTES_MAX: setting(whole(KiB, 64 * MiB), String(MiB), 'Largest request body.', { unit: 'bytes' }),
  HTTP_EVENTS_MAX: setting(whole(1, 100_000), '1000', 'Events in one request.', { unit: 'events' }),
  HTTP_REQUESTS_MAX: setting(whole(1, 100_000), '256', 'Requests at once; more are answered 503.', {
    unit: 'requests',
  }),
  HTTP_IN_FLIGHT_BYTES_MAX: setting(
    whole(MiB, 16 * GiB),
    String(64 * MiB),
    'Bodies held until their events are durable; more are answered 503.',
    { unit: 'bytes' },
  ),
  HTTP_TIMEOUT_MS: setting(
    whole(100, 600_000),
    '15000',
    'Time a body may take to arrive, and again for its events to become durable.',
    { unit: 'ms' },
  ),
  HTTP_DEMO_PAGE: setting(flag, 'false', 'Serve the demo page at `/`.'),
})

/** The queue page: `silt run console`. */
export const consoleSettings = Object.freeze({
  CONSOLE_PORT: setting(port, '3000', 'Port of the queue page (`/queues`); 0 = any free port.'),
  CONSOLE_HOST: setting(anyText, '127.0.0.1', 'Address CONSOLE_PORT listens on.'),
  CONSOLE_TOKEN: setting(token, undefined, 'Token that may look at queues.', { secret: true }),
  CONSOLE_ADMIN_TOKEN: setting(token, undefined, 'Token that may also retry, remove and pause.', { secret: true }),
  CONSOLE_USER_HEADER: setting(
    headerName,
    undefined,
    'Header in which a proxy that did the login (OIDC) names the user; needs CONSOLE_PROXY_TOKEN.',
  ),
  CONSOLE_PROXY_TOKEN: setting(
    token,
    undefined,
    'What that proxy proves itself with, in the header `x-silt-proxy-token`.',
    { secret: true },
  ),
  CONSOLE_ADMIN_USERS: setting(
    anyText,
    undefined,
    'Users of CONSOLE_USER_HEADER that may act, separated by commas; the others look.',
  ),
  CONSOLE_SESSION_MINUTES: setting(whole(1, 10_080), '480', 'A login ends after this.', { unit: 'min' }),
})
