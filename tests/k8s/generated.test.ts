import { expect, test } from 'vitest'
import { currentText, generatedFiles, strays } from './generated-files.ts'

test('rules, dashboards, schema and kustomize base are those of their sources: else npm run k8s:sync --workspace tests', async () => {
  const files = await generatedFiles()
  const stale: string[] = []
  for (const [path, text] of files) if ((await currentText(path)) !== text) stale.push(path)
  expect([...stale, ...(await strays(new Set(files.keys())))]).toEqual([])
  expect(files.size).toBeGreaterThan(15)
})
