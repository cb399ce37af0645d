import { Seeded } from '../scan/random.ts'

const channels = ['web', 'app', 'speech', 'chat']
const platforms = ['chrome', 'firefox', 'ios', 'android', 'ivr']
const types = ['click', 'search', 'view', 'call_start', 'message', 'submit']
const agents = ['Mozilla/5.0 (Macintosh) Chrome/126.0.0.0', 'Mozilla/5.0 (iPhone) Chrome/125.0.0.0', 'okhttp/4.12']

/** JSON of events about 600 bytes long, alike in their fields; keys in one order, or in another in each. */
export function benchEvents(count: number, isShuffled: boolean): Buffer[] {
  const random = new Seeded(7)
  const hex = (digits: number) => Array.from({ length: digits }, () => random.below(16).toString(16)).join('')
  const startMs = Date.UTC(2026, 10, 20)
  return Array.from({ length: count }, (_, index) => {
    const type = random.pick(types)
    const resource = random.below(200)
    const members: [string, unknown][] = [
      ['timestamp', new Date(startMs + index * 17 + random.below(17)).toISOString()],
      ['channel', random.pick(channels)],
      ['platform', random.pick(platforms)],
      ['event_type', type],
      ['event_category', random.pick(['system', 'support', 'conversion'])],
      ['resource_id', `/help/gamma-item-${resource}`],
      ['resource_title', `Account page ${resource} – overview`],
      ['interaction_target', random.once(2) ? null : `menu.item-${random.below(9)}`],
      ['interaction_value', random.once(2) ? null : random.below(1_000_000) / 1000],
      ['interaction_text', type === 'message' ? 'Where can I find the "invoice" of last month?\nThanks 🙂' : null],
      ['session_id', `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`],
      ['user_id', `user-${100_000 + random.below(10_000)}`],
      ['device_id', hex(16)],
      ['user_agent', random.pick(agents)],
      ['client_version', `5.0.${random.below(4)}`],
      [
        'metadata',
        {
          seq: index,
          country: random.pick(['BR', 'FR', 'DE']),
          experiment: `exp_${random.below(10)}`,
          latency_ms: random.below(900),
          tags: [hex(2), hex(2)],
        },
      ],
    ]
    return Buffer.from(JSON.stringify(Object.fromEntries(isShuffled ? random.shuffled(members) : members)))
  })
}
