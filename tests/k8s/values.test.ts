import { expect, test } from 'vitest'
import { renderChart } from './helm.ts'

/** What an operator may get wrong, and what helm then says before it touches a cluster. */
const refused: readonly (readonly [what: string, values: readonly string[], says: string])[] = [
  ['a value that is not there', ['writers={"replicas":3}'], "'writers' not allowed"],
  ['a misspelt setting', ['settings.BATCHSIZE=100'], "'BATCHSIZE' not allowed"],
  ['a secret among the settings', ['settings.AWS_SECRET_ACCESS_KEY="x"'], "'AWS_SECRET_ACCESS_KEY' not allowed"],
  ['a password in the URL of Redis', ['settings.REDIS_URL="redis://silt:secret@redis:6379"'], '/settings/REDIS_URL'],
  ['a setting the chart sets itself', ['settings.OPS_PORT=1'], "'OPS_PORT' not allowed"],
  ['a table in a folder', ['settings.DELTA_TABLE_PATH="/data/table"'], '/settings/DELTA_TABLE_PATH'],
  ['replicas as text', ['writer.replicas="many"'], '/writer/replicas'],
  ['pods that run as root', ['podSecurityContext.runAsNonRoot=false'], '/podSecurityContext/runAsNonRoot'],
  ['user 0', ['podSecurityContext.runAsUser=0'], '/podSecurityContext/runAsUser'],
  ['no memory limit', ['writer.resources.limits.memory=null'], '/writer/resources/limits'],
  [
    'scaling writers to none',
    ['writer.autoscaling={"enabled":true,"minReplicas":0}'],
    '/writer/autoscaling/minReplicas',
  ],
  ['a key that is no setting', ['secrets={"existingSecret":"s","keys":["PASSWORD"]}'], '/secrets/keys/0'],
  ['keys of no Secret', ['secrets.keys=["AWS_ACCESS_KEY_ID"]'], 'secrets.existingSecret'],
  ['no queue between processes', ['settings.REDIS_URL=null'], 'ingestor has no REDIS_URL'],
  ['a collector for everyone', ['collector.enabled=true'], 'HTTP_TOKEN'],
  ['a console for everyone', ['console.enabled=true'], 'CONSOLE_TOKEN'],
  [
    'a setting given twice',
    ['secrets={"existingSecret":"s","keys":["REDIS_URL"]}'],
    'REDIS_URL is given in settings and as a key of the Secret',
  ],
  ['a store without TLS', ['settings.AWS_ENDPOINT_URL="http://minio:9000"'], 'AWS_ALLOW_HTTP'],
  [
    'more ingestors than partitions',
    ['ingestor.autoscaling={"enabled":true,"minReplicas":3,"partitions":2}'],
    'ingestor.autoscaling.partitions',
  ],
]

test.each(refused)('refused: %s', async (_, set, says) => {
  await expect(renderChart({ set })).rejects.toThrow(says)
})
