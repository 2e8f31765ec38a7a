// A spread with a broker that a test answers for, hubs that note what they are told, and links that a test fills.
import type { Broker, Page } from '../../src/engine/owner/broker.ts'
import { Spread } from '../../src/engine/owner/spread.ts'
import type { HubPort, Question } from '../../src/engine/words/ports.ts'
import { parseEpoch, parseOffset } from '../../src/engine/words/position.ts'
import { type Publication, publicationOf } from '../../src/engine/words/publication.ts'
import { channelName } from './mesh.ts'

/** Of the only channel. */
export const name = channelName('c')
const namespace = {
  pattern: '*',
  historySize: 0,
  historyTtlMs: 0,
  historyBytesMax: 0,
  policy: 'disconnect',
  priority: 'normal',
  outboxBytesMax: 0,
  outboxAgeMsMax: 0,
  subscribersMax: 0,
  publish: undefined,
  subscribe: undefined,
  publishBarred: [],
  subscribeBarred: [],
} as const

export function publication(offset: number, bytes = 1): Publication {
  const content = { kind: 'text', payload: Buffer.alloc(bytes) } as const
  return publicationOf(name, parseOffset(offset), { content })
}

/** From one offset up to another. */
export function range(from: number, to: number): Publication[] {
  return Array.from({ length: to - from }, (_, index) => publication(from + index))
}

export function ask(request: number, epoch: string, offset: number, rest = false): Question {
  return { request, epoch, offset, rest }
}

export function page(from: number, publications: readonly Publication[] = []): Page {
  return { from: parseOffset(from), publications }
}

/** Hubs are those of workers 1 and 2. */
export class SpreadScene {
  /** What the broker was told, but for reads. */
  readonly asked: string[] = []
  /** Questions that are not answered, the oldest first. */
  readonly reads: { readonly what: string; answer(page: Page): void }[] = []
  readonly refreshes: (() => void)[] = []
  readonly told: string[] = []
  /** What a hub does as it is told something. */
  onTold: (line: string) => void = () => {}
  /** Workers whose link takes no publication. */
  readonly full = new Set<number>()
  readonly spread: Spread

  constructor(pressedBytesMax?: number) {
    const broker: Broker = {
      publish: () => {},
      publishNext: () => {},
      follow: (channel, held) => this.asked.push(`follow ${channel} ${held?.next}`),
      unfollow: (channel, awaited) => this.asked.push(`unfollow ${channel} ${awaited ? 'awaited' : 'left'}`),
      refresh: (_channel, done) => this.refreshes.push(done),
      trim: () => {},
      away: undefined,
      isFed: false,
      inspect: () => {},
      count: () => {},
      elsewhere: (_channel, done) => done(0),
      watch: (_pattern, done) => done(),
      unwatch: () => {},
      statistics: () => ({}),
      close: () => {},
      read: (_channel, from, to, answer) => this.reads.push({ what: `${from}-${to}`, answer }),
    }
    this.spread = new Spread({
      hub: slot => this.#hub(slot),
      namespaceOf: () => namespace,
      broker: () => broker,
      pressedBytesMax,
    })
  }

  attach(slot: number, epoch = '', next = 0, attempt = 1): void {
    this.spread.attach(slot, ['c', attempt, epoch, next, false, 1])
  }

  /** Answers with the place of the next publication. */
  follow(offset: number): void {
    this.spread.followed(name, { epoch: parseEpoch('e'), offset: parseOffset(offset) })
  }

  /** Hubs attach one after the other, and are live. */
  live(next: number, ...slots: number[]): void {
    for (const slot of slots) this.attach(slot)
    this.follow(next)
    this.told.splice(0)
  }

  publish(...offsets: number[]): void {
    for (const offset of offsets) this.spread.publication(publication(offset))
  }

  /** What the oldest question asks for; it is answered. */
  answer(answer: Page): string | undefined {
    const read = this.reads.shift()
    read?.answer(answer)
    return read?.what
  }

  /** What hubs were told since the last time. */
  take(): string[] {
    return this.told.splice(0)
  }

  #hub(slot: number): HubPort {
    const say = (line: string) => {
      this.told.push(`${slot} ${line}`)
      this.onTold(`${slot} ${line}`)
    }
    return {
      publication: ({ offset }) => {
        if (this.full.has(slot)) return false
        say(`${offset}`)
        return true
      },
      attached: (_channel, attempt, { epoch, offset }, gap) =>
        say(`attached ${attempt} ${epoch}.${offset}${gap ? ' gap' : ''}`),
      recovered: (_channel, request, from, publications, gap) =>
        say(`recovered ${request} ${from}: ${publications.map(({ offset }) => offset)}${gap ? ' gap' : ''}`),
      gap: (_channel, { epoch, offset }) => say(`gap ${epoch}.${offset}`),
      renumbered: (_channel, from, to) => say(`${from.epoch}.${from.offset} is ${to.epoch}.${to.offset}`),
      matched: ({ channel, offset }) => {
        if (!this.full.has(slot)) say(`matched ${channel} ${offset}`)
        return !this.full.has(slot)
      },
      patternGap: () => say('pattern gap'),
      watched: () => say('watched'),
    }
  }
}
