/** The `add` action of a file Silt wrote, spelled as in Delta PROTOCOL § Add File; `path` is URL-encoded, relative to the table. */
export interface AddFile {
  readonly path: string
  readonly partitionValues: Readonly<Record<string, string | null>>
  /** Bytes. */
  readonly size: number
  /** ms since the Unix epoch. */
  readonly modificationTime: number
  readonly dataChange: boolean
  readonly stats?: string
  readonly tags?: Readonly<Record<string, string>>
}
