import type { S3Credentials } from './s3-connection.ts'

/**
 * Credentials by the AWS SDK's own chain: environment, SSO, web identity (IRSA), profiles and their files, container and instance roles.
 * The chain reads the environment and files by itself and renews what expires; it is opened where a process is composed, and handed in, and loaded when
 * it is first asked.
 * Rejects with the SDK's `CredentialsProviderError` where nothing is found.
 */
export function awsCredentialChain(region: string): () => Promise<S3Credentials> {
  let opened: ReturnType<typeof openChain> | undefined
  return async () => {
    const provide = await (opened ??= openChain(region))
    const { accessKeyId, secretAccessKey, sessionToken } = await provide()
    return { accessKeyId, secretAccessKey, sessionToken }
  }
}

async function openChain(region: string) {
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node')
  return defaultProvider({ clientConfig: { region } })
}
