import { systemClock } from '@silt/core'
import type { S3Settings } from '../src/s3-connection.ts'
import { S3Store } from '../src/s3-store.ts'

// A process of its own, to be killed: puts 40 MiB at argv 3 of the location argv 2, by the settings argv 4 (JSON).
const [location = '', key = '', settings = ''] = process.argv.slice(2)
const store = new S3Store({ location, settings: JSON.parse(settings) as S3Settings, clock: systemClock })
await store.put(key, Buffer.alloc(40 * 2 ** 20, 'never whole '))
