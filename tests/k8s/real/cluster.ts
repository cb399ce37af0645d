import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { join } from 'node:path'
import { findProgram, missing } from '../../servers/tools.ts'
import { freePort } from '../../servers/ports.ts'
import { newDataDir, ServerProcess } from '../../servers/server-process.ts'
import { capture } from '../capture.ts'
import { helmProgram } from '../../servers/helm.ts'
import { pythonTool } from '../python-tools.ts'
import { apiServerProgram } from './api-server-program.ts'

/** A real API server over a real etcd, nothing behind it: objects are checked, stored and refused, no pod runs. */
export interface Cluster {
  kubectl(args: readonly string[], input?: string): Promise<string>
  helm(args: readonly string[]): Promise<string>
  stop(): Promise<void>
}

/** etcd and kube-apiserver on free ports of 127.0.0.1, RBAC and the default admission on, their data in a scratch folder. */
export async function startCluster(): Promise<Cluster> {
  const dataDir = await newDataDir('kube')
  const etcdPort = await freePort()
  const etcd = await startEtcd(join(dataDir, 'etcd'), etcdPort)
  const port = await freePort()
  const token = randomBytes(24).toString('hex')
  const api = await startApiServer(join(dataDir, 'api'), { etcdPort, port, token })
  const kubeconfig = join(dataDir, 'kubeconfig')
  await writeFile(kubeconfig, kubeconfigText(port, token), { mode: 0o600 })
  const [kubectl, helm] = [pythonTool('kubectl'), await helmProgram()]
  const env = { KUBECONFIG: kubeconfig, HOME: dataDir }
  return {
    kubectl: (args, input) => capture(kubectl, args, { env, ...(input === undefined ? {} : { input }) }),
    helm: (args) => capture(helm, args, { env }),
    stop: async () => {
      await api.dispose()
      await etcd.dispose()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function startEtcd(dataDir: string, port: number): Promise<ServerProcess> {
  const program = findProgram('etcd')
  if (program === undefined) throw missing('the API server', 'etcd (Debian: etcd-server)')
  await mkdir(dataDir)
  const [clients, peers] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${await freePort()}`]
  const listen = ['--listen-client-urls', clients, '--advertise-client-urls', clients, '--listen-peer-urls', peers]
  const cluster = ['--initial-advertise-peer-urls', peers, '--initial-cluster', `default=${peers}`]
  const server = new ServerProcess({
    name: 'etcd',
    dataDir,
    ports: [port],
    command: { file: program, args: ['--data-dir', join(dataDir, 'data'), ...listen, ...cluster], env: {} },
    ready: async () => (await fetch(`${clients}/health`)).ok,
    startMsMax: 30_000,
    stopMsMax: 10_000,
  })
  await server.start()
  return server
}

async function startApiServer(
  dataDir: string,
  { etcdPort, port, token }: { readonly etcdPort: number; readonly port: number; readonly token: string },
): Promise<ServerProcess> {
  await mkdir(dataDir)
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = join(dataDir, 'accounts.key')
  const publicFile = join(dataDir, 'accounts.pub')
  const tokens = join(dataDir, 'tokens.csv')
  await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  await writeFile(publicFile, publicKey.export({ type: 'spki', format: 'pem' }))
  await writeFile(tokens, `${token},admin,admin,system:masters\n`, { mode: 0o600 })
  const args = [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    // Nothing in the cluster asks for it; loopback is not taken.
    '--advertise-address=192.0.2.1',
    '--endpoint-reconciler-type=none',
    `--secure-port=${port}`,
    `--cert-dir=${join(dataDir, 'certificates')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=RBAC',
    `--token-auth-file=${tokens}`,
    '--service-account-issuer=https://silt.test',
    `--service-account-key-file=${publicFile}`,
    `--service-account-signing-key-file=${key}`,
  ]
  const server = new ServerProcess({
    name: 'kube-apiserver',
    dataDir,
    ports: [port],
    command: { file: await apiServerProgram(), args, env: {} },
    ready: () => answersReady(port, token),
    startMsMax: 90_000,
    stopMsMax: 15_000,
  })
  await server.start()
  return server
}

/** Its certificate is one it made for itself just now. */
function answersReady(port: number, token: string): Promise<boolean> {
  const options = { port, path: '/readyz', rejectUnauthorized: false, headers: { authorization: `Bearer ${token}` } }
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', ...options }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    }).on('error', reject)
  })
}

function kubeconfigText(port: number, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  })
}
