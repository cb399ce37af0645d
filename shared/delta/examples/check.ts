import { checkTable } from '@silt/delta'
import { footerRowCount, localTable, parquetReader } from '@silt/delta/node'

const [, , folder = '.'] = process.argv
const check = await checkTable(localTable(folder), parquetReader, { rowCount: footerRowCount, valuesBytesMax: 2 ** 30 })

console.log(`version ${check.version}: ${check.liveFiles} files, ${check.rows} rows, ${check.findings.length} findings`)
for (const { code, where, message } of check.findings) console.log(`${code} ${where}: ${message}`)
process.exitCode = check.findings.length === 0 ? 0 : 1
