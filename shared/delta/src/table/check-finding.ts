/** What a rule found. `code` is stable and is what tests compare; `where` names the file, version or app id. */
export interface CheckFinding {
  readonly code:
    | 'no-table'
    | 'log-gap'
    | 'broken-entry'
    | 'invalid-entry'
    | 'broken-schema'
    | 'incomplete-state'
    | 'unknown-feature'
    | 'duplicate-add'
    | 'txn-decreased'
    | 'txn-expires'
    | 'checkpoint-unreadable'
    | 'checkpoint-differs'
    | 'checksum-unreadable'
    | 'checksum-differs'
    | 'compaction-unreadable'
    | 'compaction-differs'
    | 'partition-values'
    | 'file-missing'
    | 'file-size'
    | 'row-count'
    | 'statistics'
    | 'deletion-vector'
    | 'file-unreadable'
  readonly where: string
  readonly message: string
}
