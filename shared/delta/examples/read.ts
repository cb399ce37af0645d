import { loadSnapshot } from '@silt/delta'
import { localTable, parquetReader } from '@silt/delta/node'

const [, , folder = '.'] = process.argv
const snapshot = await loadSnapshot(localTable(folder), parquetReader)

console.log(`version ${snapshot.version}, ${snapshot.files.size} files, ${snapshot.files.bytes} bytes`)
for (const { name, type } of snapshot.schema.fields) console.log(`column ${name}: ${JSON.stringify(type)}`)
for (const { path, size } of snapshot.files.values()) console.log(`file ${path}: ${size} bytes`)
