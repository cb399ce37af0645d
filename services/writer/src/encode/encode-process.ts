import { writeFileSync } from 'node:fs'
import type { RowDecoderLimits } from '@silt/rows'
import type { EncodeRequest } from './encode-messages.ts'
import { serveEncoder } from './encode-service.ts'
import { InlineEncoder } from './inline-encoder.ts'

/**
 * What an encoder's own process runs: it lives as long as its writer holds the channel, and no longer. It decodes by other code than the threads do: a record
 * that only the data plane dies over is a row here, and no dead letter.
 */
const serve = serveEncoder(
  new InlineEncoder(JSON.parse(process.argv[2] ?? '{}') as RowDecoderLimits),
  (reply) => void process.send?.(reply),
)
process.on('message', (request) => serve(request as EncodeRequest))
process.once('disconnect', () => process.exit(0))
// A terminal or an init signals whole groups; when this process ends is for its writer to say.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
dieFirst()

/** Where the kernel is short of memory it takes this process, not the writer that would have to tell of it. */
function dieFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000')
  } catch {
    // Not Linux, or not allowed.
  }
}
