import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lintChart } from './helm.ts'
import { parseManifests, podSpecs, type Manifest } from './manifest.ts'
import { renderings } from './renderings.ts'
import { podFaults, referenceFaults } from './rules.ts'
import { modelFaults, validateStrictly } from './validate.ts'

const rendered = new Map<string, readonly Manifest[]>()
let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'silt-k8s-'))
  await Promise.all(
    Object.entries(renderings).map(async ([name, render]) => rendered.set(name, parseManifests(await render()))),
  )
})

afterAll(() => rm(scratch, { recursive: true, force: true }))

function manifestsOf(name: string): readonly Manifest[] {
  const manifests = rendered.get(name)
  if (manifests === undefined) throw new Error(`${name} was not rendered`)
  return manifests
}

test.each([[[]], [['values-minimal.yaml']], [['values-production.yaml']]])(
  'helm lint --strict finds nothing: %j',
  async (files) => {
    expect(await lintChart({ files })).toContain('0 chart(s) failed')
  },
)

describe.each(Object.keys(renderings))('%s', (name) => {
  test('has no field that Kubernetes does not know', async () => {
    await validateStrictly(manifestsOf(name), scratch)
  })

  test('fits the models of Kubernetes, KEDA and the Prometheus operator', async () => {
    expect(await modelFaults(manifestsOf(name))).toEqual([])
  })

  test('runs every container without privileges, bounded and probed', () => {
    expect(podSpecs(manifestsOf(name)).size).toBeGreaterThanOrEqual(3)
    expect(podFaults(manifestsOf(name))).toEqual([])
  })

  test('names only what is there', () => {
    expect(referenceFaults(manifestsOf(name))).toEqual([])
  })
})

test('a container that may write its root file system is found out', () => {
  const [first] = manifestsOf('default').filter(({ kind }) => kind === 'Deployment')
  const loose = JSON.parse(
    JSON.stringify(first).replace('"readOnlyRootFilesystem":true', '"privileged":true'),
  ) as Manifest
  expect(podFaults([loose])).toEqual([expect.stringContaining('lacks a read-only root file system')])
})

test('a field that Kubernetes does not know is found out', async () => {
  const [first] = manifestsOf('default').filter(({ kind }) => kind === 'Deployment')
  const odd = { ...first, spec: { ...first?.spec, replica: 3 } } as Manifest
  await expect(validateStrictly([odd], scratch)).rejects.toThrow('replica')
})

test('a trigger without a type is found out by the model of KEDA', async () => {
  const [scaler] = manifestsOf('production').filter(({ kind }) => kind === 'ScaledObject')
  const odd = { ...scaler, spec: { ...scaler?.spec, triggers: [{ metadata: {} }] } } as Manifest
  expect(await modelFaults([odd])).toEqual([expect.stringContaining('ScaledObject/')])
})

test('a ScaledObject of no Deployment is found out', () => {
  const scaler = manifestsOf('production').filter(({ kind }) => kind === 'ScaledObject')
  expect(referenceFaults(scaler).join()).toContain('Deployment/silt-writer, which is not there')
})
