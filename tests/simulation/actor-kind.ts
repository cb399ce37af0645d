/** Silt's actors. */
export type ActorKind = 'ingestor' | 'writer' | 'committer'
