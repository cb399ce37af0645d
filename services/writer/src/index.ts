export { runWriter } from './writer.ts'
export { defaultWriterOptions, type WriterDeps, type WriterOptions, type WriterQueues } from './writer-options.ts'
export { ProcessEncoder, type ProcessEncoderOptions } from './encode/process-encoder.ts'
export {
  ThreadUnitRunner,
  type ThreadUnitRunnerOptions,
  type UnitThreadsWatch,
} from './unit-threads/thread-unit-runner.ts'
