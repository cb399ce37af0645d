import assert from 'node:assert/strict'
import { join } from 'node:path'
import { overlays } from '../renderings.ts'
import type { StepParts } from './step.ts'

/** The overlays put there by kustomize itself: once made, a second apply changes nothing, and delete leaves nothing. */
export async function runKustomize({ cluster, say }: StepParts): Promise<void> {
  const minimal = join(overlays, 'minimal')
  const apply = ['apply', '--validate=strict', '-k', minimal]
  await cluster.kubectl(apply)
  const objects = lines(await cluster.kubectl(['get', '-k', minimal, '-o', 'name']))
  const versions = ['get', '-k', minimal, '-o', 'jsonpath={.items[*].metadata.resourceVersion}']
  const before = await cluster.kubectl(versions)
  await cluster.kubectl(apply)
  assert.equal(await cluster.kubectl(versions), before)
  await cluster.kubectl(['delete', '-k', minimal])
  assert.deepEqual(lines(await cluster.kubectl(['get', '-k', minimal, '--ignore-not-found', '-o', 'name'])), [])
  say(`kubectl apply -k overlays/minimal: ${objects.length} objects; again: all unchanged; delete -k: none is left`)
  const production = lines(
    await cluster.kubectl(['apply', '--dry-run=server', '--validate=strict', '-k', join(overlays, 'production')]),
  )
  say(`kubectl apply -k overlays/production --dry-run=server: ${production.length} objects taken`)
}

function lines(output: string): readonly string[] {
  return output.split('\n').filter((line) => line !== '')
}
