import { findProgram, runTool } from './tools.ts'

const INSTALL_MS_MAX = 5 * 60_000

/** Whether Debian packages can be installed here. */
export function canUseApt(): boolean {
  return process.getuid?.() === 0 && findProgram('apt-get') !== undefined
}

/** Installs one Debian package without starting what it brings. */
export async function installWithApt(name: string): Promise<void> {
  // RUNLEVEL=1 keeps Debian from starting the service on its usual port.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const wait = ['-o', 'DPkg::Lock::Timeout=120']
  await runTool('apt-get', [...wait, 'update', '-q'], { timeoutMs: INSTALL_MS_MAX, env })
  const install = ['install', '-y', '-q', '--no-install-recommends', name]
  await runTool('apt-get', [...wait, ...install], { timeoutMs: INSTALL_MS_MAX, env })
}
