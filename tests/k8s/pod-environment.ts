import type { Container, Manifest } from './manifest.ts'

/** The environment a container starts with: its ConfigMaps, then its own variables; of a mounted file it has the path. */
export function podEnvironment(container: Container, manifests: readonly Manifest[]): Readonly<Record<string, string>> {
  const maps = (container.envFrom ?? []).map(({ configMapRef }) =>
    manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef?.name),
  )
  const own = (container.env ?? []).map(({ name, value }) => [name, value ?? ''] as const)
  return Object.fromEntries([...maps.flatMap((map) => Object.entries(map?.data ?? {})), ...own])
}
