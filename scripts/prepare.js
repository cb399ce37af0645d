// Plain JavaScript for any Node from 20 on: fetches and builds whatever the tests need beside npm packages, so that they can be timed alone.
import { preparePython, prepareServers, prepareSpark } from './prerequisites.js'

const found = [await prepareServers(), await preparePython(), await prepareSpark()]
const reasons = found.filter((reason) => reason !== undefined)
for (const reason of reasons) console.error(reason)
process.exitCode = reasons.length === 0 ? 0 : 1
