import { logSources, type LoggedMessage } from './log-sources.ts'

/** `docs/logging.md`: fields by hand, messages and codes from the sources. */
export function loggingPage(): string {
  const { messages, codes } = logSources()
  return `${[
    ...head,
    ...packages(messages).flatMap((from) => messageTable(from, messages)),
    '',
    '## Codes',
    '',
    'Stable: they do not change with the wording, and are what alerts, tests and `silt_errors_total` go by. `…` stands for what varies.',
    '',
    '| code | kind | says |',
    '|---|---|---|',
    ...codes.map(({ code, kind, message }) => `| \`${code}\` | ${kind} | ${cell(message)} |`),
  ].join('\n')}\n`
}

/** Meanings of the fields; a test holds their names against the sources. */
export const fieldMeanings: Readonly<Record<string, string>> = {
  time: 'when it was written, ISO 8601 in UTC, ms',
  level: '`debug`, `info`, `warn` or `error`',
  actor: '`ingestor`, `writer`, `committer`, `collector` or `console`; absent for the process as a whole',
  table: 'last segment of DELTA_TABLE_PATH, as in metrics and queue names',
  topic: 'KAFKA_TOPIC',
  partition: 'number of the partition',
  unit: 'unit id, 16 hex digits; the trace of the unit has it twice as its id, its data files have it in their names',
  version: 'version of the Delta table',
  code: 'stable code of what happened, see below',
  kind: 'what the error asks for: `unavailable` (tried again), `ambiguous` (verified), `conflict` (rebased), `fenced` (someone else has it), `data`, `unsupported`, `invalid` (a setting or a right), `internal` (our bug)',
  ms: 'how long it took',
  msg: 'what happened, for people; wording may change',
  error: 'messages of the error and its causes, outermost first, with ` <- ` between them',
  context: "the error's own facts: key, offset, partition",
  stack: 'of our own bugs only',
}

const head = [
  '# Log',
  '',
  '<!-- Written by npm run generate --workspace tests; a test says when it is stale. -->',
  '',
  'One JSON object a line on standard output (on a terminal a line of progress stands instead, and the log begins at `warn`). LOG_LEVEL sets the least level: `info` is a line a',
  'version and a few at start and end; `debug` follows every unit. Nothing is logged per event, no payload ever, and secrets are replaced by `[redacted]` wherever they would appear.',
  '',
  'What to look for first: `level` `error` needs somebody; `warn` is something Silt works around, worth reading when it repeats.',
  '',
  '    jq -c \'select(.level=="error" or .level=="warn") | {time, actor, code, msg}\'',
  '    jq -c \'select(.unit=="0123456789abcdef")\'        the way of one unit over all processes',
  '',
  '## Fields',
  '',
  '| field | meaning |',
  '|---|---|',
  ...Object.entries(fieldMeanings).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
  '',
  'Other fields belong to one message and are named with it below; times end in `Ms`.',
  '',
  '## Messages',
  '',
  'Lines whose message is that of an error are not listed: their `code` is.',
]

function packages(messages: readonly LoggedMessage[]): readonly string[] {
  return [...new Set(messages.map(({ from }) => from))].sort()
}

const ranks: readonly LoggedMessage['level'][] = ['error', 'warn', 'info', 'debug']

function messageTable(from: string, messages: readonly LoggedMessage[]): readonly string[] {
  const own = messages
    .filter((each) => each.from === from)
    .sort((a, b) => ranks.indexOf(a.level) - ranks.indexOf(b.level) || (a.message < b.message ? -1 : 1))
  const row = ({ level, message, fields }: LoggedMessage): string =>
    `| ${level} | ${cell(message)} | ${fields.map((name) => `\`${name}\``).join(', ')} |`
  return ['', `### ${from}`, '', '| level | msg | fields |', '|---|---|---|', ...own.map(row)]
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
