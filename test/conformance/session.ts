// Plays the rows of any protocol: sends each step where it belongs, holds what comes back against what the row expects,
// and tells what that did to the engine. What is a protocol's own stands in its dialect.
import assert, { equal, ok } from 'node:assert/strict'
import { RawClient } from '../helpers/raw-client.ts'
import { encodeRequest, headerOf } from '../helpers/raw-http.ts'
import { until } from '../helpers/until.ts'
import { compareAnswer, compareHead, isAnswer } from './answers.ts'
import type { Dialect, Kind, PartReader, SeriesDialect, Stage, Subscriber } from './dialect.ts'
import { readFor } from './reading.ts'
import { type Driver, type Ground, type Happening, Late, noteLeft, slotOf } from './table.ts'
import type { At, CommonExpect, CommonSend, ExpectedAnswer, Opened, RequestStep } from './words.ts'

type Step<Of extends CommonSend['kind']> = Extract<CommonSend, { kind: Of }>
type Wanted<Of extends CommonExpect['kind']> = Extract<CommonExpect, { kind: Of }>
type Publish = ReturnType<SeriesDialect['publish']>
type Opening = RequestStep | Step<'bytes'>

const commonKinds = ['request', 'bytes', 'series', 'read', 'pause', 'resume', 'leave', 'finish']
const isCommon = (send: Kind): send is CommonSend => commonKinds.includes(send.kind)

/** `open` is called for each row. */
export function playWith<Send extends Kind = never, Expect extends Kind = never>(
  open: () => Dialect<Send, Expect>,
): Driver<CommonSend | Send, CommonExpect | Expect>['play'] {
  return async (row, ground) => {
    const dialect = open()
    // What its own words bring is checked where they are played.
    const session = new Session(ground, dialect as Dialect<Kind, Kind>)
    try {
      equal(row.send.length, row.expect.length, 'each step has one expectation')
      for (const [index, send] of row.send.entries()) {
        const expected = row.expect[index]
        assert(expected, `step ${index + 1} has nothing to expect`)
        if (isCommon(send)) {
          await session.step(send, expected)
          continue
        }
        assert(dialect.step, `the protocol has no step ${send.kind}`)
        await dialect.step(send, expected, session)
      }
      return session.happened
    } finally {
      session.close()
    }
  }
}

class Session implements Stage {
  readonly happened: Happening[] = []
  readonly ground: Ground
  readonly #dialect: Dialect<Kind, Kind>
  readonly #clients = new Set<RawClient>()
  /** By address and name. */
  readonly #idle = new Map<string, RawClient>()
  readonly #subscribers = new Map<string, Subscriber>()
  /** What a row says of a token holds up to then. */
  #inTimeMs = Number.POSITIVE_INFINITY

  constructor(ground: Ground, dialect: Dialect<Kind, Kind>) {
    this.ground = ground
    this.#dialect = dialect
  }

  close(): void {
    for (const client of this.#clients) client.leave()
  }

  step(send: CommonSend, expected: Kind): Promise<void> {
    switch (send.kind) {
      case 'request':
        return this.#request(send, asCommon(expected))
      case 'bytes':
        return this.#bytes(send, asCommon(expected))
      case 'series':
        return this.#series(send, asCommon(expected))
      case 'read':
        return this.#read(this.subscriber(send.subscriber), expected)
      case 'pause':
      case 'resume':
        equal(expected.kind, 'done')
        this.subscriber(send.subscriber).client[send.kind]()
        return Promise.resolve()
      case 'leave':
      case 'finish':
        equal(expected.kind, send.kind === 'leave' ? 'done' : 'closed')
        return this.#leave(this.subscriber(send.subscriber), send.kind)
      default:
        return send satisfies never
    }
  }

  subscriber(name: string): Subscriber {
    const subscriber = this.#subscribers.get(name)
    assert(subscriber, `there is no subscriber ${name}`)
    return subscriber
  }

  slotOf({ at, channel }: Pick<At, 'at' | 'channel'>): number | undefined {
    return slotOf(at, channel, this.ground)
  }

  published(channel: string, slot: number | undefined, count: number, at = this.happened.length): void {
    this.happened.splice(at, 0, ...Array<Happening>(count).fill({ what: 'published', channel, slot }))
  }

  subscribed(subscriber: Subscriber, channel: string): void {
    this.happened.push({ what: 'subscribed', channel, slot: subscriber.slot })
    subscriber.left = [...subscriber.left, { what: 'left', channel, slot: subscriber.slot }]
  }

  unsubscribed(subscriber: Subscriber, channel: string): Promise<void> {
    const { left } = subscriber
    subscriber.left = left.filter(one => one.channel !== channel)
    return this.left({ ...subscriber, left: left.filter(one => one.channel === channel) })
  }

  left({ left }: Subscriber): Promise<void> {
    return noteLeft(this.happened, left, this.ground)
  }

  async second(offset: number): Promise<number> {
    while (Date.now() % 1_000 > 500) await new Promise(resolve => setTimeout(resolve, 10))
    const second = Math.floor(Date.now() / 1_000)
    this.#inTimeMs = (second + Math.max(offset, 0) + 1) * 1_000
    return second + offset
  }

  async wait(): Promise<void> {
    ok(Number.isFinite(this.#inTimeMs), 'a second was taken')
    while (Date.now() < this.#inTimeMs) await new Promise(resolve => setTimeout(resolve, 20))
    this.#inTimeMs = Number.POSITIVE_INFINITY
  }

  async #request(send: RequestStep, expected: CommonExpect): Promise<void> {
    const client = this.#client(send)
    const parts = { ...send, ...(await this.#dialect.complete?.(send, this)) }
    const { body, missing } = { missing: 0, ...parts }
    const length = Buffer.byteLength(body ?? '') + missing
    const sentMs = performance.now()
    client.send(encodeRequest({ ...parts, length }))
    if (missing > 0) client.endSending()
    if (expected.kind === 'opened') return this.#open(send, expected, client, sentMs)
    if (expected.kind === 'waits') return this.#keep(send, client, sentMs)
    if (expected.kind === 'dropped') return this.#dropped(send, client, expected)
    if (expected.kind === 'eventually') return this.#insist(send, client, expected)
    assert(expected.kind === 'answer', 'a request brings an answer')
    await this.#answer(send, client, expected)
    // A body without a byte is accepted, and is no publication.
    if (expected.publishes && length > 0) this.published(send.channel, this.slotOf(send), 1)
  }

  async #bytes(send: Step<'bytes'>, expected: CommonExpect): Promise<void> {
    const client = this.#client(send)
    const sentMs = performance.now()
    for (const [index, piece] of send.pieces.entries()) {
      // A client that asks whether to go on waits for the answer.
      if (/expect: 100-continue/i.test(send.pieces[index - 1] ?? ''))
        await client.waitFor('a word to go on', () => client.bytes.length > 0)
      // A moment in which the far end reads what came before; rows do not depend on its length.
      else if (index > 0) await new Promise(resolve => setTimeout(resolve, 20))
      client.send(piece)
    }
    if (expected.kind === 'opened') return this.#open(send, expected, client, sentMs)
    if (expected.kind === 'waits') return this.#keep(send, client, sentMs)
    if (expected.kind === 'dropped') return this.#dropped(send, client, expected)
    assert(expected.kind === 'answers', 'bytes bring answers')
    for (const each of expected.answers) await this.#answer(send, client, each)
    this.published(send.channel, this.slotOf(send), expected.publishes)
  }

  async #answer(send: Opening, client: RawClient, expected: ExpectedAnswer): Promise<void> {
    const answer = await client.answer(methodOf(send))
    this.#beInTime()
    compareAnswer({ ...answer, ...this.#dialect.seen?.(answer) }, expected)
    this.#dialect.answered?.(answer.body.toString())
    if (headerOf(answer, 'connection') !== 'close' && !expected.closes) return
    this.#idle.delete(this.#keyOf(send))
    equal((await client.ended()).toString('latin1'), '', 'nothing behind the answer')
  }

  async #insist(send: RequestStep, client: RawClient, { answer }: Wanted<'eventually'>): Promise<void> {
    let came = await client.answer(send.method)
    await until('the answer that is to come', async () => {
      if (isAnswer(came, answer)) return true
      client.send(encodeRequest(send))
      came = await client.answer(send.method)
      return false
    }).catch(() => {})
    compareAnswer(came, answer)
  }

  async #dropped(send: Opening, client: RawClient, { publishes }: Wanted<'dropped'>): Promise<void> {
    this.#idle.delete(this.#keyOf(send))
    equal((await client.ended()).toString('latin1'), '', 'no answer')
    this.published(send.channel, this.slotOf(send), publishes)
  }

  async #open(
    send: Opening,
    { answer, channels = [send.channel], first }: Opened,
    client: RawClient,
    sentMs: number,
  ): Promise<void> {
    const head = await client.head()
    this.#beInTime()
    compareHead(this.#dialect.seen?.(head) ?? head, answer)
    if (first !== undefined) {
      const chunk = (await client.chunk()) ?? Buffer.alloc(0)
      equal(this.#dialect.showFirst?.(chunk), first, 'the first chunk')
    }
    const slot = this.slotOf(send)
    const happening = (what: 'subscribed' | 'left') =>
      channels.map(channel => ({ what, channel, slot }) as const)
    this.happened.push(...happening('subscribed'))
    this.#keep(send, client, sentMs, this.#dialect.reader(client, head), happening('left'))
  }

  #keep(
    send: Opening,
    client: RawClient,
    sentMs: number,
    reader: PartReader = unread,
    left: readonly Happening[] = [],
  ): void {
    this.#idle.delete(this.#keyOf(send))
    const { channel } = send
    const [method, slot] = [methodOf(send), this.slotOf(send)]
    this.#subscribers.set(send.subscriber, { client, method, channel, slot, reader, sentMs, left })
  }

  async #series(send: Step<'series'>, expected: CommonExpect): Promise<void> {
    assert(expected.kind === 'accepted' && expected.count === send.count, 'a series is accepted as a whole')
    const client = this.#client(send)
    const { series } = this.#dialect
    assert(series !== undefined, 'the protocol has words for a series')
    for (let index = 0; index < send.count; index++) {
      const parts: Publish = series.publish(send, String(index).padEnd(send.bytes))
      const { status } = await client.send(encodeRequest(parts)).answer()
      equal(status, parts.status, `publish ${index}`)
    }
    this.published(send.channel, this.slotOf(send), send.count)
  }

  async #read(subscriber: Subscriber, wanted: Kind): Promise<void> {
    const expected = asCommon(wanted)
    switch (expected.kind) {
      case 'parts':
      case 'beats':
      case 'series':
      case 'cut':
      case 'ended':
        if (await readFor(subscriber, expected, this.#dialect)) await this.left(subscriber)
        return
      default:
        assert(this.#dialect.read, `a subscriber cannot be read for ${expected.kind}`)
        return this.#dialect.read(subscriber, expected, this)
    }
  }

  async #leave(subscriber: Subscriber, how: 'leave' | 'finish'): Promise<void> {
    const { client } = subscriber
    if (how === 'leave') client.leave()
    else {
      client.endSending()
      await client.ended()
    }
    return this.left(subscriber)
  }

  #beInTime(): void {
    if (Date.now() >= this.#inTimeMs) throw new Late('the second of a token is over')
  }

  #client(send: At): RawClient {
    const key = this.#keyOf(send)
    const client = this.#idle.get(key) ?? new RawClient(this.#addressOf(send))
    this.#idle.set(key, client)
    this.#clients.add(client)
    return client
  }

  #keyOf(send: At): string {
    return `${this.#addressOf(send)} ${send.on}`
  }

  #addressOf(send: At): string {
    const slot = this.slotOf(send)
    return slot === undefined ? this.ground.address : (this.ground.shards[slot] ?? '')
  }
}

const methodOf = (send: Opening) => (send.kind === 'request' ? send.method : 'GET')
/** Its head has not come yet. */
const unread = { next: () => Promise.reject(new Error('an answer is read as a whole')) }

/** Others meet no case here and reach the dialect. */
function asCommon(expected: Kind): CommonExpect {
  return expected as CommonExpect // as far as it is one
}
