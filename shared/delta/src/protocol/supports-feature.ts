import type { Protocol } from '../actions/action.ts'

/** Features a legacy writer version stands for (§ Writer Version Requirements); version 7 lists its own. */
export function impliedWriterFeatures(minWriterVersion: number): readonly string[] {
  const since: readonly (readonly [number, readonly string[]])[] = [
    [2, ['appendOnly', 'invariants']],
    [3, ['checkConstraints']],
    [4, ['changeDataFeed', 'generatedColumns']],
    [5, ['columnMapping']],
    [6, ['identityColumns']],
  ]
  return since.flatMap(([version, names]) => (version <= minWriterVersion ? names : []))
}

/** Whether a protocol has a feature, by its name in the lists or by its versions (§ Supported Features). */
export function supportsFeature(protocol: Protocol, name: string): boolean {
  const { minWriterVersion, writerFeatures } = protocol
  const names = minWriterVersion >= 7 ? (writerFeatures ?? []) : impliedWriterFeatures(minWriterVersion)
  return names.includes(name)
}
