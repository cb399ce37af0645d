import { defaultProvider } from '@aws-sdk/credential-provider-node'
import type { S3Credentials } from './s3-connection.ts'

/**
 * Credentials by the AWS SDK's own chain: environment, SSO, web identity (IRSA), profiles and their files, container and instance roles.
 * The chain reads the environment and files by itself and renews what expires; it is opened where a process is composed, and handed in.
 * Rejects with the SDK's `CredentialsProviderError` where nothing is found.
 */
export function awsCredentialChain(region: string): () => Promise<S3Credentials> {
  const provide = defaultProvider({ clientConfig: { region } })
  return async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await provide()
    return { accessKeyId, secretAccessKey, sessionToken }
  }
}
