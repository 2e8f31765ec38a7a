// A stream hold with an owner of a test's own.
import type { Refusal } from '../../../../src/engine/words/refusal.ts'
import type { Held } from '../../../../src/frontends/grip/hold/hold.ts'
import { Stream } from '../../../../src/frontends/grip/hold/stream.ts'
import { Timers } from '../../../../src/frontends/grip/hold/timers.ts'
import { Waiting } from '../../../../src/frontends/grip/hold/waiting.ts'
import type { Instruct } from '../../../../src/frontends/grip/instruct/instruct.ts'
import type { Item } from '../../../../src/frontends/grip/item/item.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { batchOf, FakeResponse, held, instructOf, itemWith } from './given-hold.ts'
import { Sifting } from './given-sifting.ts'

export const next = { uri: 'http://h/next', timeoutMs: 120_000 }

export class Scene {
  readonly clock = new FakeClock()
  readonly response: FakeResponse
  /** What the owner was told, in order. */
  readonly told: string[] = []
  channels: Held[] = [held('a')]
  /** Channels are live as soon as they are joined. */
  isLiveAtOnce = true
  refusal: Refusal | undefined
  readonly waiting = new Waiting()
  readonly sifting = new Sifting()
  readonly stream: Stream

  constructor({ isDebug = false, isChunked = true, instruct = instructOf() } = {}) {
    const now = () => this.channels
    this.response = new FakeResponse(isChunked)
    this.stream = new Stream(this.response, { instruct, waiting: this.waiting }, new Timers(this.clock), {
      fetch: (uri, isAtOnce) => void this.told.push(`fetch ${uri} ${isAtOnce ? 'now' : 'soon'}`),
      join: () => {
        if (this.refusal === undefined && this.isLiveAtOnce) this.stream.begin()
        return this.refusal
      },
      blocked: bytes => void this.told.push(`blocked ${bytes.length}`),
      ended: () => void this.told.push('ended'),
      torn: () => void this.told.push('torn'),
      get channels() {
        return now()
      },
      find: full => this.channels.find(channel => channel.full === full),
      sift: (_held, _item, load, done) => this.sifting.sift(load, done),
      isDebug,
    })
  }

  /** Its page is whole. */
  page(more: Partial<Instruct> = {}): void {
    this.stream.pageEnded(instructOf(more))
  }

  hear(...items: readonly Item[]): boolean {
    const [channel] = this.channels
    return channel === undefined || this.stream.heard(channel, batchOf(...items))
  }

  /** What was written since it was asked last. */
  get written(): readonly string[] {
    return this.response.written.splice(0)
  }

  at(prevId: string, lastId = prevId): void {
    this.channels = [held('a', { prevId, lastId })]
  }
}

export const hint = itemWith({ stream: { action: 'hint' } })
export const close = itemWith({ stream: { action: 'close' } })
