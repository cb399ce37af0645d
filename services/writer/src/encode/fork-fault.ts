/** What is in the way of making a process, by the system's code for it, and what to do. */
const remedies: Readonly<Record<string, string>> = {
  EMFILE: 'this process has no file descriptor left: raise its limit (ulimit -n, LimitNOFILE)',
  ENFILE: 'the machine has no file descriptor left: raise fs.file-max, or look for what holds them',
  EAGAIN: 'no more processes are allowed: raise the limit on them (ulimit -u, pids limit of the container)',
  ENOMEM: 'no memory is left for it: raise the memory limit of the writer, or lower WRITER_THREADS and UNIT_BYTES_MAX',
}

/** Why no process to decode in could be made; the unit is tried again, so what passes by itself needs nobody. */
export function forkFault(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const remedy = remedies[code]
  return `no process to decode in could be made${remedy === undefined ? '' : `; ${remedy}`}`
}
