// Subscribers of joined nodes, each judged at once against the common order: what comes next comes next, or behind a gap, once.
import { equal, fail, ok } from 'node:assert/strict'
import type { Batch, Format, Subscriber, Subscription } from '../../src/engine/reader/subscriber.ts'
import { Wire } from '../../src/engine/reader/wire.ts'
import type { Position } from '../../src/engine/words/position.ts'
import type { CloseReason } from '../../src/engine/words/refusal.ts'

/** What was ordered of each channel, whatever its numbering was. */
export class CommonOrder {
  readonly #byChannel = new Map<string, { readonly text: string; readonly position: Position }[]>()
  readonly #epochs: string[] = []

  note(channel: string, text: string, position: Position): void {
    this.of(channel).push({ text, position })
  }

  begun(epoch: string): void {
    this.#epochs.push(epoch)
  }

  of(channel: string) {
    const order = this.#byChannel.get(channel) ?? []
    this.#byChannel.set(channel, order)
    return order
  }

  /** How many of the channel lie at or before the position. */
  upTo(channel: string, { epoch, offset }: Position): number {
    const age = this.#epochs.indexOf(epoch)
    ok(age >= 0, `${channel}: nobody began ${epoch}`)
    const isBefore = ({ position }: { readonly position: Position }) =>
      position.epoch === epoch ? position.offset <= offset : this.#epochs.indexOf(position.epoch) < age
    return this.of(channel).filter(isBefore).length
  }
}

const format: Format = {
  id: 'joined',
  encode: ({ channel, content }) =>
    Buffer.concat([Buffer.from(`${channel} `), content.payload, Buffer.from(';')]),
}

/** Of a channel, or with a star of a pattern. */
export class JoinedTrack implements Subscriber {
  readonly format = format
  readonly wire = new Wire()
  readonly name: string
  readonly #order: CommonOrder
  readonly #since: Position | undefined
  writable = true
  isOpen = true
  subscription: Subscription | undefined
  #isLive = false
  /** By channel: the next one; of a pattern, the last that may be next, for what is under way may come or not. */
  readonly #next = new Map<string, number>()
  readonly #last = new Map<string, number>()
  /** How long each order was when a pattern was attached, or told a gap. */
  readonly #lengths: () => ReadonlyMap<string, number>
  #bounds: ReadonlyMap<string, number> = new Map()

  constructor(name: string, order: CommonOrder, channels: readonly string[], since?: Position) {
    this.name = name
    this.#order = order
    this.#since = since
    this.#lengths = () => new Map(channels.map(channel => [channel, order.of(channel).length]))
  }

  get isPattern(): boolean {
    return this.name.endsWith('*')
  }

  attached(position: Position, gap: boolean): void {
    ok(this.isOpen && !this.#isLive, `${this.name}: attached twice, or after its end`)
    this.#isLive = true
    if (this.isPattern) this.#bounds = this.#lengths()
    else {
      if (this.#since !== undefined && !gap)
        equal(this.#order.upTo(this.name, this.#since), this.#order.upTo(this.name, position), 'a resume')
      this.#next.set(this.name, this.#order.upTo(this.name, position))
    }
  }

  gap(position: Position): boolean {
    ok(this.#isLive, `${this.name}: a gap before it is live`)
    if (this.isPattern) {
      this.#bounds = this.#lengths()
      this.#next.clear()
    } else {
      const next = this.#order.upTo(this.name, position)
      ok(next >= (this.#next.get(this.name) ?? 0), `${this.name}: a gap goes back`)
      this.#next.set(this.name, next)
    }
    return true
  }

  offer({ frames }: Batch): boolean {
    ok(this.#isLive && this.isOpen, `${this.name}: an offer while it is not live`)
    for (const frame of frames) {
      const [channel = '', text = ''] = Buffer.from(frame).toString().slice(0, -1).split(' ')
      this.#framed(channel, text)
    }
    return this.writable
  }

  close(reason: CloseReason): void {
    equal(reason, 'owner-lost', `${this.name} is closed`)
    this.isOpen = false
  }

  /** Everything has arrived. */
  complete(): void {
    ok(this.#isLive, `${this.name}: still waits`)
    for (const [channel, length] of this.#lengths()) {
      if (!this.isPattern && channel !== this.name) continue
      const next = this.#next.get(channel) ?? this.#bounds.get(channel) ?? fail('a bound for each')
      equal(next, length, `${this.name}: has everything of ${channel}`)
    }
  }

  #framed(channel: string, text: string): void {
    const index = this.#order.of(channel).findIndex(each => each.text === text)
    ok(index > (this.#last.get(channel) ?? -1), `${this.name}: ${text} again, or out of order`)
    const next = this.#next.get(channel)
    if (next !== undefined) equal(index, next, `${this.name}: ${text} is not what comes next`)
    else
      ok(
        index <= (this.#bounds.get(channel) ?? 0),
        `${this.name}: ${text} comes, and something before it did not`,
      )
    this.#last.set(channel, index)
    this.#next.set(channel, index + 1)
  }
}
