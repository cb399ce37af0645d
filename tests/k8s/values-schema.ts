import { settingTable } from '@silt/config'

type Schema = Readonly<Record<string, unknown>>

/** Set by the chart itself, of no use in a pod, or PEM that belongs into a Secret or trust.existingConfigMap. */
const ownedByChart = new Set<string>([
  ...['OPS_HOST', 'OPS_PORT', 'HTTP_HOST', 'HTTP_PORT', 'CONSOLE_HOST', 'CONSOLE_PORT'],
  ...['TOPICS_DIR', 'KAFKA_GROUP_INSTANCE_ID'],
  ...['AWS_CA_BUNDLE', 'KAFKA_SSL_CA', 'KAFKA_SSL_CERT', 'REDIS_CA', 'REDIS_CERT'],
])

/** Given by a mounted path, so that no Secret's key is named like them. */
const neverSecret = new Set<string>(['OPS_HOST', 'OPS_PORT', 'AWS_CA_BUNDLE', 'TOPICS_DIR', 'KAFKA_GROUP_INSTANCE_ID'])

/** What the chart's values.schema.json says: every value by name, every setting by its name in @silt/config, nothing else. */
export function valuesSchema(): Schema {
  const { properties: common, required } = actorValues()
  const actor = (more: Schema): Schema => closed({ ...common, ...more }, required)
  const autoscaled = (scaling: Schema): Schema => actor({ ...replicated, autoscaling: closed(scaling) })
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the Silt chart',
    ...closed(
      {
        nameOverride: name,
        fullnameOverride: name,
        image: closed({
          repository: nonEmpty,
          tag: text,
          digest,
          pullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
          pullSecrets: listOf(nonEmpty),
        }),
        settings: { ...settings(), required: ['KAFKA_BOOTSTRAP_SERVERS', 'DELTA_TABLE_PATH'] },
        secrets: secrets(),
        trust: closed({ existingConfigMap: text, key: nonEmpty, for: listOf(oneOf('kafka', 'redis', 'store')) }),
        ingestor: autoscaled(ingestorScaling),
        writer: autoscaled(writerScaling),
        committer: actor(replicated),
        collector: actor({ ...replicated, service }),
        console: actor({ ...replicated, service }),
        operator: actor({ shell: flag, role: closed({ create: flag, subjects: listOf(subject) }) }),
        podSecurityContext: podSecurity,
        topologySpread: closed({ enabled: flag, zone: whenUnsatisfiable, node: whenUnsatisfiable }),
        networkPolicy,
        keda,
        monitoring,
        doctor: closed({ actors: listOf(oneOf('ingestor', 'writer', 'committer')) }),
        // Helm hands it to a chart that another one includes.
        global: anyObject,
      },
      ['image', 'settings', 'ingestor', 'writer', 'committer'],
    ),
  }
}

const text = { type: 'string' }
const nonEmpty = { type: 'string', minLength: 1 }
const name = { type: 'string', pattern: '^([a-z0-9]([a-z0-9-]*[a-z0-9])?)?$', maxLength: 40 }
const digest = { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' }
const flag = { type: 'boolean' }
const anyObject = { type: 'object' }
const stringMap = { type: 'object', additionalProperties: { type: 'string' } }
const peers = { type: 'array', items: anyObject }
const share = { type: ['integer', 'string'], minimum: 0, pattern: '^[0-9]+%$' }
const whenUnsatisfiable = oneOf('ScheduleAnyway', 'DoNotSchedule')
const whole = (minimum: number): Schema => ({ type: 'integer', minimum })

const replicated = { enabled: flag, replicas: whole(0), strategy: strategy(), disruptionBudget: disruptionBudget() }
const service = closed({
  type: oneOf('ClusterIP', 'NodePort', 'LoadBalancer'),
  port: { type: 'integer', minimum: 1, maximum: 65535 },
  annotations: stringMap,
})
const subject = closed(
  { kind: oneOf('User', 'Group', 'ServiceAccount'), name: nonEmpty, namespace: nonEmpty, apiGroup: text },
  ['kind', 'name'],
)
const ingestorScaling = {
  enabled: flag,
  minReplicas: whole(1),
  partitions: whole(1),
  partitionsPerReplica: whole(1),
  unitsInFlightPerReplica: whole(1),
}
const writerScaling = {
  enabled: flag,
  // From none KEDA would have to wake the first writer; a trickle would then wait for a pod.
  minReplicas: whole(1),
  maxReplicas: whole(1),
  backlogSeconds: whole(1),
  offsetsPerSecondMin: whole(1),
  jobsWaitingPerReplica: whole(1),
  scaleDownStabilizationSeconds: { type: 'integer', minimum: 0, maximum: 3600 },
}
const podSecurity = closed(
  {
    runAsNonRoot: { const: true },
    runAsUser: whole(1),
    runAsGroup: whole(1),
    fsGroup: whole(1),
    fsGroupChangePolicy: oneOf('OnRootMismatch', 'Always'),
    seccompProfile: closed({ type: oneOf('RuntimeDefault', 'Localhost'), localhostProfile: text }, ['type']),
    supplementalGroups: listOf(whole(1)),
  },
  ['runAsNonRoot', 'seccompProfile'],
)
const server = closed({ ports: listOf({ type: 'integer', minimum: 1, maximum: 65535 }), to: peers })
const networkPolicy = closed({
  enabled: flag,
  kafka: server,
  redis: server,
  store: server,
  otlp: server,
  token: server,
  dns: closed({ to: peers }),
  metricsFrom: peers,
  collectorFrom: peers,
  consoleFrom: peers,
})
const keda = closed({
  prometheusAddress: { type: 'string', pattern: '^https?://' },
  prometheusSelector: text,
  redis: closed({
    address: { type: 'string', pattern: '^([^:/]+:[0-9]+)?$' },
    databaseIndex: whole(0),
    tls: flag,
    existingSecret: text,
    keys: listOf(oneOf('REDIS_USERNAME', 'REDIS_PASSWORD', 'REDIS_CA')),
  }),
  pollingIntervalSeconds: whole(1),
  failureThreshold: whole(1),
})
const monitoring = closed({
  serviceMonitor: closed({
    enabled: flag,
    labels: stringMap,
    interval: { type: 'string', pattern: '^[0-9]+(ms|s|m)$' },
  }),
  rules: closed({ enabled: flag, labels: stringMap }),
  dashboards: closed({ enabled: flag, labels: stringMap, annotations: stringMap }),
})

function actorValues(): { readonly properties: Schema; readonly required: readonly string[] } {
  const quantities = closed({ cpu: { type: ['string', 'integer'] }, memory: nonEmpty }, ['cpu', 'memory'])
  return {
    properties: {
      image: closed({ tag: text, digest }),
      settings: settings(),
      secrets: secrets(),
      serviceAccount: closed({ create: flag, name: text, annotations: stringMap }),
      resources: closed({ requests: quantities, limits: quantities }, ['requests', 'limits']),
      podAnnotations: stringMap,
      podLabels: stringMap,
      nodeSelector: stringMap,
      tolerations: listOf(anyObject),
      affinity: anyObject,
      priorityClassName: text,
    },
    required: ['resources'],
  }
}

function settings(): Schema {
  const shown = Object.entries(settingTable).filter(([setting, { secret }]) => {
    return setting === 'REDIS_URL' || (secret !== true && !ownedByChart.has(setting))
  })
  return closed(
    Object.fromEntries(shown.map(([setting, { doc }]) => [setting, { ...settingValue(setting), description: doc }])),
  )
}

function settingValue(setting: string): Schema {
  // A user or password in it would be readable by everyone who may read ConfigMaps.
  if (setting === 'REDIS_URL') return { type: 'string', pattern: '^rediss?://[^@\\s]+$' }
  // Pods share no folder.
  if (setting === 'DELTA_TABLE_PATH') return { type: 'string', pattern: '^s3://[^/]+/.' }
  if (setting === 'KAFKA_BOOTSTRAP_SERVERS')
    return { type: 'string', pattern: '^[^\\s,:]+:[0-9]+(,[^\\s,:]+:[0-9]+)*$' }
  return { type: ['string', 'number', 'boolean'] }
}

function secrets(): Schema {
  const keys = Object.keys(settingTable).filter((setting) => !neverSecret.has(setting))
  return closed({ existingSecret: text, keys: { ...listOf(oneOf(...keys)), uniqueItems: true } })
}

function strategy(): Schema {
  return closed({ maxSurge: share, maxUnavailable: share })
}

function disruptionBudget(): Schema {
  return closed({ enabled: flag, maxUnavailable: share })
}

function closed(properties: Schema, required: readonly string[] = []): Schema {
  return { type: 'object', additionalProperties: false, properties, ...(required.length > 0 ? { required } : {}) }
}

function listOf(items: Schema): Schema {
  return { type: 'array', items }
}

function oneOf(...values: readonly string[]): Schema {
  return { type: 'string', enum: values }
}
