import { seededRandom, type Random } from '@silt/core'
import { actorNames, brokerCount, faultKinds, ruleOf, type FaultKind, type FaultRule } from './faults.ts'

/** One blow of a window. */
export interface Fault {
  /** Since the beginning of its window, ms. */
  readonly atMs: number
  readonly kind: FaultKind
  /**
   * A process's name, `active` (the committer that holds the lease at that moment), a broker's number, `all`, or empty where there is nothing
   * to choose.
   */
  readonly target: string
  readonly lastsMs: number
  /** Of a delaying link: how late each chunk of bytes comes, ms. */
  readonly delayMs: number
}

/** Faults begin and end in `[0, faultsMs)` of a window; the rest of it is calm. */
export interface Window {
  readonly lengthMs: number
  readonly faultsMs: number
  readonly faults: readonly Fault[]
}

const windowMsMax = 300_000
export const calmMs = 75_000
const firstFaultMs = 4_000
const betweenFaultsMs = 8_000
/** A broker needs its time to come back and to be in sync before another one may go: two replicas of three must be. */
const brokerRestMs = 30_000
/** A server that is started again is up only some time after. */
const startMs = 12_000

/**
 * The faults of a run of so many minutes, in windows of five minutes (one shorter window where there is less): the same ones for the same seed.
 * Kinds are dealt like cards, so that each comes once before any comes twice.
 */
export function drawSchedule(seed: number, minutes: number): readonly Window[] {
  const random = seededRandom(seed)
  const totalMs = minutes * 60_000
  const count = Math.max(1, Math.round(totalMs / windowMsMax))
  const lengthMs = Math.round(totalMs / count)
  if (lengthMs <= calmMs + 2 * firstFaultMs)
    throw new RangeError(
      `a window of ${lengthMs} ms leaves no time for faults before its ${calmMs} ms of calm: take --minutes 2 or more`,
    )
  const hand = new Hand(random)
  return Array.from({ length: count }, () => drawWindow(lengthMs, hand, random))
}

/** Kinds still to come; a new shuffled deck is put below when it runs out. */
class Hand {
  readonly #random: Random
  readonly #cards: FaultKind[] = []

  constructor(random: Random) {
    this.#random = random
  }

  /** The first kind that may come now. A kind that may come at any time is always found in a full deck. */
  take(mayCome: (kind: FaultKind) => boolean): FaultKind {
    for (;;) {
      const index = this.#cards.findIndex(mayCome)
      const [kind] = index < 0 ? [] : this.#cards.splice(index, 1)
      if (kind !== undefined) return kind
      this.#cards.push(...shuffled(faultKinds, this.#random))
    }
  }
}

function drawWindow(lengthMs: number, hand: Hand, random: Random): Window {
  const faultsMs = lengthMs - calmMs
  const faults: Fault[] = []
  let brokersFreeFromMs = 0
  const frozenUntilMs = new Map<string, number>()
  for (let slotMs = firstFaultMs; slotMs < faultsMs - firstFaultMs; slotMs += betweenFaultsMs) {
    const atMs = Math.round(slotMs + random.next() * (betweenFaultsMs / 2))
    const kind = hand.take((each) => {
      const rule = ruleOf(each)
      if (rule.act === 'broker' && atMs < brokersFreeFromMs) return false
      return atMs + rule.lastsMs.most + (restarts(rule) ? startMs : 0) <= faultsMs
    })
    const rule = ruleOf(kind)
    const lastsMs = Math.round(between(rule.lastsMs.least, rule.lastsMs.most, random))
    const delayMs = rule.act === 'link' && rule.how === 'delay' ? Math.round(between(200, 1_500, random)) : 0
    const awake = (names: readonly string[]): readonly string[] =>
      names.filter((name) => (frozenUntilMs.get(name) ?? 0) <= atMs)
    const target = drawTarget(rule, awake, random)
    if (rule.act === 'freeze' && target !== 'active') frozenUntilMs.set(target, atMs + lastsMs)
    if (rule.act === 'broker') brokersFreeFromMs = atMs + lastsMs + brokerRestMs
    faults.push({ atMs, kind, target, lastsMs, delayMs })
  }
  return { lengthMs, faultsMs, faults }
}

function restarts(rule: FaultRule): boolean {
  return rule.act === 'server' || (rule.act === 'broker' && rule.how !== 'freeze')
}

function drawTarget(rule: FaultRule, awake: (names: readonly string[]) => readonly string[], random: Random): string {
  switch (rule.act) {
    case 'kill':
      return rule.on === 'committer' && random.next() < 0.75 ? 'active' : pick(actorNames(rule.on), random)
    case 'freeze':
      // A name may be frozen once at a time; there are more names than faults that freeze.
      return rule.on === 'committer' ? 'active' : pick(awake(actorNames(rule.on)), random)
    case 'broker':
      return String(Math.floor(random.next() * brokerCount))
    case 'server':
    case 'flush':
      return ''
    case 'link': {
      const ends =
        rule.server === 'kafka' ? Array.from({ length: brokerCount }, (_, index) => String(index)) : actorNames('any')
      return random.next() < 0.4 ? 'all' : pick(ends, random)
    }
  }
}

function between(least: number, most: number, random: Random): number {
  return least + random.next() * (most - least)
}

function pick(names: readonly string[], random: Random): string {
  const name = names[Math.floor(random.next() * names.length)]
  if (name === undefined) throw new RangeError('nobody is left to strike')
  return name
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}
