import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { canUseApt, installWithApt } from './apt-install.ts'
import { findProgram, missing } from './tools.ts'

const DEBIAN = '/usr/lib/postgresql'
const REMEDY = 'a PostgreSQL server (Debian: postgresql)'

/** What to install so that PostgreSQL can be run, or undefined when it can be had. */
export function postgresMissing(): string | undefined {
  return installedPrograms() !== undefined || canUseApt() ? undefined : REMEDY
}

/** The folder of initdb and postgres: PATH's, else Debian's, else Debian's package installed as root. */
export async function postgresPrograms(): Promise<string> {
  const installed = installedPrograms()
  if (installed !== undefined) return installed
  if (canUseApt()) await installWithApt('postgresql')
  const now = installedPrograms()
  if (now === undefined) throw missing('postgres', REMEDY)
  return now
}

function installedPrograms(): string | undefined {
  const onPath = findProgram('postgres')
  // Debian keeps the programs of each version off PATH, and on it what finds them.
  const debian = findProgram('pg_ctlcluster') !== undefined && existsSync(DEBIAN) ? readdirSync(DEBIAN) : []
  const folders = [
    ...(onPath === undefined ? [] : [dirname(realpathSync(onPath))]),
    ...[...debian]
      .sort()
      .reverse()
      .map((version) => join(DEBIAN, version, 'bin')),
  ]
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))))
}
