// A broker that answers later: whatever a ledger says waits for so many ends of a turn, in its order.
import type { Broker, BrokerEvents } from '../../src/engine/owner/broker.ts'
import type { Between } from '../../src/engine/owner/shard.ts'
import type { Clock } from '../../src/std/clock.ts'

interface Said {
  /** The turn at whose end it is said. */
  readonly turn: number
  /** The channel that it says is followed. */
  readonly followed?: string
  run(): void
}

export class Late implements Between {
  readonly #clock: Clock
  readonly #turns: number
  #turn = 0
  #said: Said[] = []
  #armed = false

  constructor(clock: Clock, turns = 1) {
    this.#clock = clock
    this.#turns = turns
  }

  broker(ledger: Broker): Broker {
    return {
      publish: (draft, keep, done) =>
        ledger.publish(draft, keep, outcome => this.#later(() => done(outcome))),
      publishNext: (draft, keep, ordering, done) =>
        ledger.publishNext(draft, keep, ordering, outcome => this.#later(() => done(outcome))),
      follow: (channel, held) => ledger.follow(channel, held),
      unfollow: (channel, awaited) => {
        this.#said = this.#said.filter(({ followed }) => followed !== channel)
        ledger.unfollow(channel, awaited)
      },
      refresh: (channel, done) => ledger.refresh(channel, () => this.#later(done)),
      trim: (channel, through) => ledger.trim(channel, through),
      read: (channel, from, to, done) =>
        ledger.read(channel, from, to, page => this.#later(() => done(page))),
      inspect: (channel, options, done) =>
        ledger.inspect(channel, options, outcome => this.#later(() => done(outcome))),
      elsewhere: (channel, done) =>
        ledger.elsewhere(channel, subscribers => this.#later(() => done(subscribers))),
      watch: (pattern, done) => ledger.watch(pattern, () => this.#later(done)),
      unwatch: pattern => ledger.unwatch(pattern),
      count: (channel, subscribers) => ledger.count(channel, subscribers),
      statistics: () => ledger.statistics(),
      close: () => ledger.close(),
      get away() {
        return ledger.away
      },
      isFed: ledger.isFed,
    }
  }

  events(spread: BrokerEvents): BrokerEvents {
    return {
      followed: (channel, next, lastId) => this.#later(() => spread.followed(channel, next, lastId), channel),
      publication: publication => this.#later(() => spread.publication(publication)),
      gap: (channel, next, lastId) => this.#later(() => spread.gap(channel, next, lastId)),
      renumbered: (channel, from, to) => this.#later(() => spread.renumbered(channel, from, to)),
      matched: publication => this.#later(() => spread.matched(publication)),
      patternGap: () => this.#later(() => spread.patternGap()),
      presence: channel => spread.presence(channel),
    }
  }

  /** Says all that waits, and what that brings. */
  flush(): void {
    while (this.#said.length > 0) this.#say(Number.POSITIVE_INFINITY)
  }

  #later(run: () => void, followed?: string): void {
    this.#arm()
    this.#said.push({ turn: this.#turn + this.#turns, run, ...(followed !== undefined && { followed }) })
  }

  #arm(): void {
    if (this.#armed) return
    this.#armed = true
    this.#clock.endOfTurn(() => {
      this.#armed = false
      this.#say(++this.#turn)
      if (this.#said.length > 0) this.#arm()
    })
  }

  /** What it brings is said no earlier than a turn later. */
  #say(turn: number): void {
    const due = this.#said.filter(said => said.turn <= turn)
    this.#said = this.#said.filter(said => said.turn > turn)
    for (const { run } of due) run()
  }
}
