import { dirname } from 'node:path'
import { canUseApt, installWithApt } from './apt-install.ts'
import { findProgram, missing } from './tools.ts'

const REMEDY = 'prometheus and promtool (Debian: prometheus)'

/** What to install so that Prometheus can be run, or undefined when it can be had. */
export function prometheusMissing(): string | undefined {
  return installedFolder() !== undefined || canUseApt() ? undefined : REMEDY
}

/** The folder of prometheus and promtool: PATH's, else Debian's package installed as root. */
export async function prometheusPrograms(): Promise<string> {
  const installed = installedFolder()
  if (installed !== undefined) return installed
  if (canUseApt()) await installWithApt('prometheus')
  const now = installedFolder()
  if (now === undefined) throw missing('prometheus', REMEDY)
  return now
}

function installedFolder(): string | undefined {
  const found = ['prometheus', 'promtool'].map((name) => findProgram(name))
  return found[0] !== undefined && found[1] !== undefined ? dirname(found[0]) : undefined
}
