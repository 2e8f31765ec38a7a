// A broker of a test's own: a ledger that can be away, whose answers wait until the test says so.
import type { Joined } from '../../src/cluster/membership.ts'
import type { Away, Broker, BrokerEvents, NotAppended, Ordering } from '../../src/engine/owner/broker.ts'
import type { Keep } from '../../src/engine/words/namespace.ts'
import { type Epoch, type Offset, parseEpoch, parseOffset } from '../../src/engine/words/position.ts'
import { type Draft, type Published, publicationOf } from '../../src/engine/words/publication.ts'

export class FakeBroker implements Joined {
  upLanes = 4
  away: Away | undefined
  readonly isFed = true
  /** Answers that wait; with `isLate` each does. */
  readonly waiting: (() => void)[] = []
  isLate = false
  isClosed = false
  readonly #events: BrokerEvents
  readonly #epoch: Epoch = parseEpoch('fake')
  readonly #next = new Map<string, Offset>()
  readonly #followed = new Set<string>()

  constructor(events: BrokerEvents) {
    this.#events = events
  }

  /** Everything that waits is answered, what comes of it too. */
  answer(): void {
    while (this.waiting.length > 0) for (const run of this.waiting.splice(0)) run()
  }

  publishNext(
    draft: Draft,
    keep: Keep,
    _ordering: Ordering,
    done: (outcome: Published | NotAppended) => void,
  ): void {
    this.publish(draft, keep, done)
  }

  publish(draft: Draft, _keep: Keep, done: (outcome: Published | NotAppended) => void): void {
    this.#later(() => {
      if (this.away !== undefined) return done('broker-away')
      const { channel } = draft
      const offset = this.#nextOf(channel)
      this.#next.set(channel, parseOffset(offset + 1))
      if (this.#followed.has(channel)) this.#events.publication(publicationOf(channel, offset, draft))
      done({ epoch: this.#epoch, offset, subscribers: this.#events.presence(channel), duplicate: false })
    })
  }

  follow(channel: Draft['channel']): void {
    // One that is away never says so: whoever waits has a time of its own.
    if (this.away !== undefined) return
    this.#later(() => {
      this.#followed.add(channel)
      this.#events.followed(channel, { epoch: this.#epoch, offset: this.#nextOf(channel) })
    })
  }

  unfollow(channel: Draft['channel']): void {
    this.#followed.delete(channel)
  }

  refresh(_channel: string, done: () => void): void {
    this.#later(done)
  }

  trim(): void {}

  read(_channel: string, _from: Offset, to: Offset, done: Parameters<Broker['read']>[3]): void {
    this.#later(() => done({ from: to, publications: [] }))
  }

  inspect(_channel: string, _options: unknown, done: Parameters<Broker['inspect']>[2]): void {
    this.#later(() => done('broker-away'))
  }

  count(): void {}

  elsewhere(_channel: string, done: (subscribers: number) => void): void {
    this.#later(() => done(0))
  }

  watch(_pattern: string, done: () => void): void {
    if (this.away === undefined) this.#later(done)
  }

  unwatch(): void {}

  statistics(): Record<string, number> {
    return { followed: this.#followed.size }
  }

  close(done: () => void = () => {}): void {
    this.isClosed = true
    this.closed = done
  }

  /** Ends what `close` began. */
  closed(): void {}

  #nextOf(channel: string): Offset {
    return this.#next.get(channel) ?? parseOffset(1)
  }

  #later(run: () => void): void {
    if (this.isLate) this.waiting.push(run)
    else run()
  }
}
