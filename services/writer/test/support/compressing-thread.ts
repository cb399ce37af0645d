import { parentPort } from 'node:worker_threads'
import { zstdCompressSync } from 'node:zlib'
import { assert } from '@silt/core'
import { endWhenAsked } from '../../src/encode/end-thread.ts'

const port = parentPort
assert(port !== null, 'it runs as a worker thread')
const page = Buffer.alloc(3000, 'page')

function compress(): void {
  for (let time = 0; time < 50; time++) zstdCompressSync(page)
  setImmediate(compress)
}

endWhenAsked(port, () => undefined)
compress()
port.postMessage('compressing')
