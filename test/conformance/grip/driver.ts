// How the rows are played: clients by the words of all protocols, publishers and the origin by those of this one.
import assert, { deepEqual, equal, ok } from 'node:assert/strict'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest, type Head } from '../../helpers/raw-http.ts'
import type { RawOrigin } from '../../helpers/raw-origin.ts'
import { until } from '../../helpers/until.ts'
import { compareAnswer, compareHead } from '../answers.ts'
import type { Dialect, PartReader, Stage, Subscriber } from '../dialect.ts'
import { playWith } from '../session.ts'
import type { Ground } from '../table.ts'
import type { CommonExpect, ExpectedAnswer, Opened } from '../words.ts'
import { Body } from './body.ts'
import type { Over, Text, Window } from './expectations.ts'
import { checkReceived } from './received.ts'
import { addressOf, type GripServer } from './server.ts'
import { checkMet, checkPosted, Sockets } from './sockets.ts'
import type { Expect, GripRow, Send } from './vocabulary.ts'

/** What rows are played on. */
export interface Scene {
  readonly server: GripServer
  readonly origin: RawOrigin
  /** Behind the rules under `/lame/`: it goes and comes back. */
  readonly lame: LameOrigin
  /** The original, and not ours. */
  readonly isOriginal: boolean
}

export interface LameOrigin {
  readonly origin: RawOrigin
  readonly address: string
}

/** A minute is waited for, by clocks of a minute. */
const closeMsMax = 150_000

type Own<Of extends Send['kind']> = Extract<Send, { kind: Of }>

export async function play(row: GripRow, scene: Scene): Promise<void> {
  for (const script of row.origin) originOf(scene, script.path).script(script)
  const instead = scene.isOriginal ? row.differs?.expect : undefined
  const expect = row.expect.map((expected, index) => instead?.[index + 1] ?? expected)
  const ground: Ground = {
    address: addressOf(scene.server.client),
    shards: [],
    ownerOf: () => 0,
    ownerView: () => Promise.resolve({ subscribers: 0, offset: 0 }),
  }
  const { name, from, send } = row
  await playWith<Send, Expect>(() => new GripDialect(scene))({ name, from, send, expect }, ground)
}

function originOf({ origin, lame }: Scene, path: string): RawOrigin {
  return path.startsWith('/lame/') ? lame.origin : origin
}

class GripDialect implements Dialect<Send, Expect> {
  readonly #scene: Scene
  readonly #bodies = new Map<RawClient, Body>()
  readonly #sockets = new Sockets()
  /** When the step before was over. */
  #stepMs = performance.now()

  constructor(scene: Scene) {
    this.#scene = scene
  }

  reader(client: RawClient, head: Head): PartReader {
    if (head.status === 101) return this.#sockets.open(client)
    const body = new Body(client, head)
    this.#bodies.set(client, body)
    this.#stepMs = performance.now()
    return body
  }

  isBeat(): boolean {
    return false // beats are whatever the origin chooses
  }

  /** Two headers for chunks are a habit of the original that ours does not have (contract §14, fault 16). */
  seen(head: Head): Head {
    if (!this.#scene.isOriginal) return head
    const headers = head.headers.filter(
      ([name, value]) => name !== 'connection' || value !== 'Transfer-Encoding',
    )
    return { ...head, headers }
  }

  async step(send: Send, expected: CommonExpect | Expect, stage: Stage): Promise<void> {
    switch (send.kind) {
      case 'publish':
        await this.#publish(send)
        break
      case 'control':
        await this.#control(send, expected)
        break
      case 'again':
        await this.#again(send, expected, stage)
        break
      case 'origin':
        await this.#origin(send, expected)
        break
      case 'say':
        stage.subscriber(send.subscriber).client.send(send.bytes)
        break
      case 'lame':
        await this.#lame(send)
        break
      case 'sockets':
        assert(expected.kind === 'met', 'the origin hears')
        await checkMet(this.#scene.origin, send.path, expected)
        break
      case 'routes':
        this.#scene.server.writeRoutes(send.lines)
        break
      case 'pass':
        await new Promise(resolve => setTimeout(resolve, send.ms))
        break
      default:
        throw new Error(`${send.kind} is a word of all protocols`)
    }
    this.#stepMs = performance.now()
  }

  async read(subscriber: Subscriber, expected: Expect): Promise<void> {
    const { client, sentMs } = subscriber
    switch (expected.kind) {
      case 'answer':
        compareAnswer(await this.#answerFor(subscriber), expected)
        if ('fromMs' in expected) assertLate(sentMs, expected.fromMs)
        break
      case 'opened':
        await this.#opened(client, expected)
        break
      case 'heard':
        await this.#sockets.hear(client, expected)
        this.#assertWithin(expected.after)
        break
      case 'closed':
        equal((await client.ended()).toString('latin1'), '', 'nothing before the end')
        break
      case 'closedLate':
        equal((await client.ended(closeMsMax)).toString('latin1'), '', 'nothing before the end')
        assertLate(sentMs, expected.fromMs)
        break
      case 'text':
        await this.#text(client, expected)
        break
      case 'silent':
        if (this.#sockets.checkSilent(client)) break
        // The line end behind the last chunk is taken with the next one.
        deepEqual([client.text.replace(/^\r\n$/, ''), client.closed], ['', false], 'nothing came')
        break
      case 'size':
        equal((await this.#bodyOf(client).take(expected.bytes)).length, expected.bytes)
        break
      case 'over':
        await this.#over(client, expected, sentMs)
        break
      case 'torn':
        equal((await this.#bodyOf(client).rest()).isWhole, false, 'the body is torn off')
        break
      default:
        throw new Error(`a subscriber cannot be read for ${expected.kind}`)
    }
    this.#stepMs = performance.now()
  }

  async #answerFor({ client, method }: Subscriber) {
    const answer = await client.answer(method)
    return { ...answer, ...this.seen(answer) }
  }

  async #text(client: RawClient, { text, after }: Text): Promise<void> {
    equal(await this.#bodyOf(client).take(text.length), text)
    this.#assertWithin(after)
  }

  #assertWithin(after: Window | undefined): void {
    if (after === undefined) return
    const ms = performance.now() - this.#stepMs
    ok(
      after[0] <= ms && ms <= after[1],
      `it came after ${Math.round(ms)} ms, not within ${after.join(' to ')}`,
    )
  }

  /** A handshake that had to wait. */
  async #opened(client: RawClient, { answer }: Opened): Promise<void> {
    const head = await client.head()
    compareHead(this.seen(head), answer)
    this.reader(client, head)
  }

  async #over(client: RawClient, { text, closes, fromMs = 0 }: Over, sentMs: number): Promise<void> {
    deepEqual(await this.#bodyOf(client).rest(), { text, isWhole: true })
    assertLate(sentMs, fromMs)
    if (closes) await client.ended()
    else ok(!client.closed, 'the connection stays')
  }

  #bodyOf(client: RawClient): Body {
    const body = this.#bodies.get(client)
    assert(body, 'the head was read')
    return body
  }

  async #publish({ items }: Own<'publish'>): Promise<void> {
    for (const item of items) {
      if ('channel' in item) await this.#scene.server.heard?.(String(item.channel))
    }
    const client = new RawClient(this.#scene.server.control)
    try {
      const body = JSON.stringify({ items })
      const answer = await client.send(encodeRequest({ method: 'POST', target: '/publish/', body })).answer()
      deepEqual([answer.status, answer.body.toString()], [200, 'Published\n'])
    } finally {
      client.leave()
    }
  }

  async #control({ pieces }: Own<'control'>, expected: CommonExpect | Expect): Promise<void> {
    assert(expected.kind === 'answer', 'the control door answers')
    const client = new RawClient(this.#scene.server.control)
    try {
      for (const piece of pieces) client.send(piece)
      const wanted = this.#scene.isOriginal ? closed(expected) : expected
      compareAnswer(await client.answer(pieces[0]?.split(' ')[0]), wanted)
      if (wanted.closes) equal((await client.ended()).toString('latin1'), '')
    } finally {
      client.leave()
    }
  }

  async #again(
    { subscriber, target }: Own<'again'>,
    expected: CommonExpect | Expect,
    stage: Stage,
  ): Promise<void> {
    assert(expected.kind === 'answer', 'a request brings an answer')
    const { client } = stage.subscriber(subscriber)
    const answer = await client.send(encodeRequest({ method: 'GET', target })).answer()
    compareAnswer({ ...answer, ...this.seen(answer) }, expected)
  }

  async #lame({ is }: Own<'lame'>): Promise<void> {
    const { origin, address } = this.#scene.lame
    if (is === 'down') await origin.goDown()
    else await origin.comeUp(address)
  }

  async #origin({ path }: Own<'origin'>, expected: CommonExpect | Expect): Promise<void> {
    const origin = originOf(this.#scene, path)
    if (expected.kind === 'posted') return checkPosted(origin, path, expected)
    if (expected.kind === 'hungUp') {
      await until(`the origin to lose ${path}`, () => origin.received(path).at(-1)?.leftAtMs !== undefined)
      return
    }
    if (expected.kind === 'throttled') {
      ok((origin.received(path).at(-1)?.unsent() ?? 0) > 0, 'the origin has sent it all')
      return
    }
    assert(expected.kind === 'received', 'the origin receives')
    await checkReceived(origin, path, expected, this.#scene.server.workers)
  }
}

/** The original closes behind each answer of its control door (contract §14, fault 24). */
function closed(expected: ExpectedAnswer): ExpectedAnswer {
  const headers = expected.headers.filter(([name]) => name !== 'connection')
  return { ...expected, headers: [...headers, ['connection', 'close']], closes: true }
}

function assertLate(sentMs: number, fromMs: number): void {
  const ms = performance.now() - sentMs
  ok(ms >= fromMs, `it was over after ${Math.round(ms)} ms already`)
}
