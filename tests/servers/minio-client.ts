import type { ServerRecipe } from './engine.ts'
import { goProgram, goProgramMissing } from './go-install.ts'

const program = {
  name: 'mc',
  module: 'github.com/minio/mc',
  version: 'v0.0.0-20250313080218-cf909e1063a9',
} as const

/** MinIO's command-line client: the newest that Go's checksum database vouches for; the compose file pins a later image. */
export const minioClientRecipe: ServerRecipe = {
  name: 'mc',
  image: 'quay.io/minio/mc:RELEASE.2025-08-13T08-35-41Z',
  entrypoint: 'mc',
  nativeMissing: () => goProgramMissing(program),
  native: () => goProgram(program),
}
