import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { chartFiles, currentText, generatedFiles, inRepository, strays } from './generated-files.ts'

/** Writes what in deploy/k8s is generated: `npm run k8s:sync --workspace tests`. */
async function put(files: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of files) {
    if ((await currentText(path)) === text) continue
    await mkdir(dirname(inRepository(path)), { recursive: true })
    await writeFile(inRepository(path), text)
    process.stdout.write(`written ${path}\n`)
  }
}

// The chart first: kustomize's base is rendered from it.
await put(await chartFiles())
const files = await generatedFiles()
await put(files)
for (const path of await strays(new Set(files.keys()))) {
  await rm(inRepository(path))
  process.stdout.write(`deleted ${path}\n`)
}
