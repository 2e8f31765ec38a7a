// Faults that a mesh plays on the engines on purpose, to prove that a test notices them.
import type { Engine } from '../../src/engine/engine.ts'
import type { LaneRules } from '../../src/engine/reader/lanes.ts'
import type { Wire } from '../../src/engine/reader/wire.ts'
import type { Attach, LinkMessage, Slot } from '../../src/engine/words/link.ts'
import type { PackedPublication } from '../../src/engine/words/publication.ts'

/**
 * One batch on a link is lost; a publish is answered before its owner appended it; a subscriber goes live before its
 * owner's answer; the answer to a read is applied to a hub that attached anew meanwhile; what was published during a read
 * is sent again behind its answer; a new epoch begins where hubs stood, and not 2^18 beyond it; a lane of a wire that waited
 * for a higher one is not woken behind it, or has its turn too early.
 */
export type Mutation =
  | 'lose-batch'
  | 'answer-early'
  | 'live-early'
  | 'read-stale'
  | 'read-twice'
  | 'jump-forgotten'
  | 'forget-wake'
  | 'lane-early'

const laneFaults: Partial<Record<Mutation, Partial<LaneRules>>> = {
  'forget-wake': { wake: () => {} },
  'lane-early': { laneFramesMax: 1 },
}

/** Plays those faults that concern a wire on one that has no subscription yet. */
export function mutateWire(wire: Wire, mutation: Mutation | undefined): void {
  const fault = mutation && laneFaults[mutation]
  if (fault === undefined) return
  const add = wire.add.bind(wire)
  wire.add = (end, rules) => add(end, { ...rules, ...fault })
}

export class Mutant {
  readonly #mutation: Mutation | undefined
  readonly #engines: readonly (Engine | undefined)[]
  #lost = false
  #early: (() => void)[] = []
  /** What was read for a hub, or published since it asked for a read, by channel and both workers. */
  readonly #read = new Map<string, PackedPublication[]>()

  constructor(mutation: Mutation | undefined, engines: readonly (Engine | undefined)[]) {
    this.#mutation = mutation
    this.#engines = engines
  }

  /** Whether the batch that is about to be delivered gets lost: the first that carries a publication does. */
  loses(messages: readonly LinkMessage[]): boolean {
    if (this.#mutation !== 'lose-batch' || this.#lost) return false
    this.#lost = messages.some(([type]) => type === 'publication')
    return this.#lost
  }

  /** What is about to be delivered, as it is delivered. */
  altered(to: Slot, messages: readonly LinkMessage[]): readonly LinkMessage[] {
    if (this.#mutation !== 'jump-forgotten') return messages
    const known = new Set(this.#engines[to]?.snapshot().map(([name]) => name))
    return messages.map(message => {
      if (message[0] !== 'hello') return message
      const attaches = message[1].map((attach): Attach => {
        const [channel, attempt, epoch, next, complete, count] = attach
        if (epoch === '' || complete || known.has(channel)) return attach
        return [channel, attempt, epoch, Math.max(0, next - 2 ** 18), complete, count]
      })
      return ['hello', attaches, message[2]]
    })
  }

  /** A message was queued: the answer to it may come too early, with what the owner would say now. */
  sent(from: Slot, to: Slot, message: LinkMessage): void {
    if (this.#mutation === 'answer-early' && message[0] === 'publish') {
      const [, request, [channel]] = message
      this.#answer(from, to, channel, (epoch, next) => ['published', request, epoch, next, 0, false])
    }
    if (this.#mutation === 'live-early' && message[0] === 'attach' && message[1][2] === '') {
      const [channel, attempt] = message[1]
      this.#answer(from, to, channel, (epoch, next) => ['attached', channel, attempt, epoch, next, false])
    }
    if (this.#mutation === 'read-stale' && message[0] === 'recovered') {
      this.#read.set(`${from}>${to} ${message[1]}`, [...message[4]])
    }
    if (this.#mutation === 'read-twice' && message[0] === 'publication') {
      this.#read.get(`${from}>${to} ${message[1]}`)?.push(message[2])
    }
  }

  /** A message was handled. */
  received(from: Slot, to: Slot, message: LinkMessage): void {
    const isAnswer =
      (this.#mutation === 'read-stale' && message[0] === 'attached') ||
      (this.#mutation === 'read-twice' && message[0] === 'recovered')
    if (isAnswer) {
      const key = `${from}>${to} ${message[1]}`
      const again = (this.#read.get(key) ?? []).map(
        each => ['publication', String(message[1]), each] as const,
      )
      this.#read.delete(key)
      this.#engines[to]?.receive(from, again)
    }
    if (this.#mutation === 'read-twice' && message[0] === 'recover') {
      this.#read.set(`${to}>${from} ${message[1]}`, [])
    }
  }

  /** At the end of a turn. */
  turn(): void {
    for (const answer of this.#early.splice(0)) answer()
  }

  #answer(from: Slot, to: Slot, channel: string, say: (epoch: string, next: number) => LinkMessage): void {
    this.#early.push(() => {
      const known = this.#engines[to]?.snapshot().find(([name]) => name === channel)
      if (known !== undefined) this.#engines[from]?.receive(to, [say(known[1], known[3])])
    })
  }
}
