import type { Random } from '@silt/core'

/** Makes plausible analytics events of about 500 bytes, the same sequence for the same random source. */
export interface EventGenerator {
  /** One JSON object, no newline. */
  next(timestampMs: number): string
}

const platformsByChannel: Readonly<Record<string, readonly string[]>> = {
  web: ['chrome', 'firefox', 'safari', 'edge'],
  mobile: ['ios', 'android'],
  chat: ['slack', 'teams', 'webchat'],
  speech: ['alexa', 'ivr'],
}
const eventTypesByChannel: Readonly<Record<string, readonly string[]>> = {
  web: ['page_view', 'click', 'scroll', 'form_submit', 'search'],
  mobile: ['screen_view', 'tap', 'swipe', 'app_open'],
  chat: ['message_sent', 'message_received', 'intent_matched'],
  speech: ['utterance', 'intent_matched', 'call_start'],
}
const channels = ['web', 'web', 'web', 'mobile', 'mobile', 'chat', 'speech'] as const
const categories = ['navigation', 'engagement', 'conversion', 'support'] as const
const targets = ['button#buy', 'a.nav-link', 'div.card', 'input[name=q]', null] as const
const sections = ['products', 'help', 'account', 'blog'] as const
const versions = ['4.12.0', '4.13.0', '5.0.1'] as const
const words = 'please help me with my order it has not arrived and I would like a refund thanks'.split(' ')

const sessionsMax = 500
const eventsPerSession = 12

interface Session {
  readonly id: string
  readonly channel: string
  readonly platform: string
  readonly userId: string | null
  readonly deviceId: string
  readonly userAgent: string
  readonly clientVersion: string
  left: number
}

export function createEventGenerator(random: Random): EventGenerator {
  const below = (count: number): number => Math.floor(random.next() * count)
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T
  const sessions: Session[] = []

  const openSession = (): Session => {
    const channel = pick(channels)
    return {
      id: random.uuid(),
      channel,
      platform: pick(platformsByChannel[channel] ?? ['unknown']),
      userId: random.next() < 0.15 ? null : `user-${100_000 + below(10_000)}`,
      deviceId: random.uuid().replaceAll('-', '').slice(0, 16),
      userAgent: `Mozilla/5.0 (X11; Linux x86_64) Chrome/${110 + below(30)}.0.0.0`,
      clientVersion: pick(versions),
      left: 1 + below(eventsPerSession),
    }
  }

  const currentSession = (): Session => {
    const slot = below(sessionsMax)
    const open = sessions[slot]
    if (open !== undefined && open.left > 0) return open
    return (sessions[slot] = openSession())
  }

  return {
    next(timestampMs) {
      const session = currentSession()
      session.left--
      const item = below(200)
      const spoken = session.channel === 'chat' || session.channel === 'speech'
      return JSON.stringify({
        timestamp: new Date(timestampMs).toISOString(),
        channel: session.channel,
        platform: session.platform,
        event_type: pick(eventTypesByChannel[session.channel] ?? ['unknown']),
        event_category: pick(categories),
        resource_id: `/${pick(sections)}/item-${1000 + item}`,
        resource_title: random.next() < 0.1 ? null : `Item ${1000 + item} – ${pick(sections)}`,
        interaction_target: pick(targets),
        interaction_value: random.next() < 0.5 ? null : below(100_000) / 100,
        interaction_text: spoken ? Array.from({ length: 4 + below(10) }, () => pick(words)).join(' ') : null,
        session_id: session.id,
        user_id: session.userId,
        device_id: session.deviceId,
        user_agent: session.userAgent,
        client_version: session.clientVersion,
        metadata: {
          country: pick(['US', 'DE', 'FR', 'IN', 'BR']),
          latency_ms: below(900),
          experiment: `exp_${below(12)}`,
        },
      })
    },
  }
}
