import { seededRandom, type Random } from '@silt/core'
import * as vocabulary from './vocabulary.ts'

export const eventSizes = ['small', 'typical', 'large'] as const

export interface EventOptions {
  readonly seed: number
  /** Keys in the table's order, or in another in each event. */
  readonly keyOrder: 'fixed' | 'shuffled'
  /** About 150, 620 and 2,500 bytes. */
  readonly size: (typeof eventSizes)[number]
  /** Of 1: events cut off in the middle, which are no JSON. */
  readonly brokenShare: number
  /** Of 1: events with a value no column takes, so that the scanner leaves them to the exact path, which rescues it. */
  readonly rescuedShare: number
}

export const typicalEvents: EventOptions = Object.freeze({
  seed: 20_261_120,
  keyOrder: 'fixed',
  size: 'typical',
  brokenShare: 0,
  rescuedShare: 0,
})

/** Makes events of the event table: nested metadata, escapes, emoji, nulls, ids without order. The same sequence for the same options. */
export interface EventMaker {
  /** JSON of one event, no newline. */
  next(): string
}

interface Session {
  readonly id: string
  readonly channel: vocabulary.Channel
  readonly user: number
  left: number
}

interface Resource {
  readonly id: string
  readonly title: string
}

const startMs = Date.UTC(2026, 10, 20)
const millisPerEvent = 250
/** Events come late by up to this: their timestamps are out of order. */
const lateMsMax = 60_000
const sessionsOpen = 2000
const userCount = 10_000
const deviceCount = 15_000
const resourceCount = 200
const agentCount = 30
const experimentCount = 12

export function createEventMaker(options: EventOptions): EventMaker {
  const random = seededRandom(options.seed)
  const chance = createChance(random)
  const known = knownThings(chance)
  const sessions = Array.from({ length: sessionsOpen }, () => openSession(chance))
  let count = 0

  const currentSession = (): Session => {
    const slot = chance.below(sessionsOpen)
    const session = sessions[slot] as Session
    if (session.left-- > 0) return session
    return (sessions[slot] = openSession(chance))
  }

  return {
    next() {
      const index = count++
      const members = eventMembers(chance, known, currentSession(), index, options.size)
      if (options.rescuedShare > 0 && random.next() < options.rescuedShare) members.push('"_origin":"replayed"')
      if (options.keyOrder === 'shuffled') chance.shuffle(members)
      const json = `{${members.join(',')}}`
      const isBroken = options.brokenShare > 0 && random.next() < options.brokenShare
      return isBroken ? json.slice(0, chance.below(json.length - 1) + 1) : json
    },
  }
}

/** Each `"key":value`. */
function eventMembers(
  chance: Chance,
  known: KnownThings,
  session: Session,
  index: number,
  size: EventOptions['size'],
): string[] {
  const { pick, below, once } = chance
  const { channel, user } = session
  const timestamp = new Date(startMs + index * millisPerEvent + below(lateMsMax)).toISOString()
  if (size === 'small')
    return [
      `"timestamp":"${timestamp}"`,
      `"event_type":"${pick(channel.types)}"`,
      `"session_id":"${session.id}"`,
      `"user_id":${once(0.15) ? 'null' : `"user-${100_000 + user}"`}`,
    ]
  const resource = pick(known.resources)
  return [
    `"timestamp":"${timestamp}"`,
    `"channel":"${channel.name}"`,
    `"platform":"${pick(channel.platforms)}"`,
    `"event_type":"${pick(channel.types)}"`,
    `"event_category":"${pick(vocabulary.categories)}"`,
    `"resource_id":"${resource.id}"`,
    `"resource_title":${once(0.1) ? 'null' : JSON.stringify(resource.title)}`,
    `"interaction_target":${JSON.stringify(pick(vocabulary.targets))}`,
    `"interaction_value":${once(0.5) ? 'null' : once(0.5) ? below(1000) : below(1_000_000) / 1000}`,
    `"interaction_text":${channel.hasText || size === 'large' ? spoken(chance, size) : 'null'}`,
    `"session_id":"${session.id}"`,
    `"user_id":${once(0.15) ? 'null' : `"user-${100_000 + user}"`}`,
    `"device_id":"${known.devices[(user * 3) >> 1]}"`,
    `"user_agent":"${known.agents[user % agentCount]}"`,
    `"client_version":"${pick(vocabulary.versions)}"`,
    `"metadata":${metadata(chance, index, size)}`,
  ]
}

/** A sentence; some with what JSON escapes and what takes four bytes in UTF-8. */
function spoken({ pick, below, once }: Chance, size: EventOptions['size']): string {
  const length = size === 'large' ? 210 + below(60) : 4 + below(12)
  const sentence = Array.from({ length }, () => pick(vocabulary.words)).join(' ')
  return JSON.stringify(once(0.15) ? `${sentence} \u{1f642} "at once"\nregards` : sentence)
}

function metadata({ pick, below, once }: Chance, index: number, size: EventOptions['size']): string {
  const members = [
    `"seq":${index}`,
    `"country":"${pick(vocabulary.countries)}"`,
    `"experiment":"trial_${below(experimentCount)}"`,
    `"latency_ms":${below(900)}`,
  ]
  if (once(0.6)) members.push(`"viewport":{"w":${pick(vocabulary.widths)},"h":${pick(vocabulary.heights)}}`)
  if (once(0.4)) members.push(`"tags":["a${below(5)}","b${below(5)}"]`)
  if (once(0.2)) members.push(`"referrer":"https://search.example/?q=${pick(vocabulary.words)}"`)
  if (size === 'large')
    members.push(
      `"steps":[${Array.from({ length: 20 }, () => `{"at":${below(100_000)},"on":"${pick(vocabulary.sections)}"}`).join(',')}]`,
    )
  return `{${members.join(',')}}`
}

type KnownThings = ReturnType<typeof knownThings>

function knownThings(chance: Chance): {
  readonly resources: readonly Resource[]
  readonly devices: readonly string[]
  readonly agents: readonly string[]
} {
  const { pick, hex } = chance
  const numbered = <T>(count: number, make: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => make(index))
  return {
    resources: numbered(resourceCount, (index) => ({
      id: `/${pick(vocabulary.sections)}/${pick(vocabulary.subjects)}-no-${1000 + index}`,
      title: `${pick(vocabulary.titles)} ${1000 + index} \u2013 ${pick(vocabulary.views)}`,
    })),
    devices: numbered(deviceCount, () => hex(16)),
    agents: numbered(agentCount, (index) => `Mozilla/5.0 (${pick(vocabulary.systems)}) Chrome/${120 + index}.0.0.0`),
  }
}

function openSession({ pick, below, uuid }: Chance): Session {
  return { id: uuid(), channel: pick(vocabulary.channels), user: below(userCount), left: 8 + below(10) }
}

type Chance = ReturnType<typeof createChance>

function createChance(random: Random): {
  readonly below: (count: number) => number
  readonly once: (share: number) => boolean
  readonly pick: <T>(items: readonly T[]) => T
  readonly hex: (digits: number) => string
  readonly uuid: () => string
  readonly shuffle: (items: string[]) => void
} {
  const below = (count: number): number => Math.floor(random.next() * count)
  return {
    below,
    once: (share) => random.next() < share,
    pick: <T>(items: readonly T[]) => items[below(items.length)] as T,
    hex: (digits) => Array.from({ length: digits }, () => below(16).toString(16)).join(''),
    uuid: () => random.uuid(),
    shuffle: (items) => {
      for (let last = items.length - 1; last > 0; last--) {
        const other = below(last + 1)
        const moved = items[last] as string
        items[last] = items[other] as string
        items[other] = moved
      }
    },
  }
}
