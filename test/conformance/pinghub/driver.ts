// Plays the rows of exchanges.ts: sends each step where it belongs, holds what comes back against what the row
// expects, and tells what that did to the engine.
import assert, { deepEqual, equal, match, ok } from 'node:assert/strict'
import { RawClient } from '../../helpers/raw-client.ts'
import { acceptOfKey, frame, handshake, opcode, RawWebSocket } from '../../helpers/raw-websocket.ts'
import { type Driver, type Ground, type Happening, noteLeft, type Place, slotOf } from '../table.ts'
import { type Answered, HttpClient, placeOf } from './client.ts'
import type { Answer, Expect, Headers, Send } from './vocabulary.ts'

const reasons = [
  'not-allowed',
  'overloaded',
  'owner-lost',
  'draining',
  'handshake-faulty',
  'handshake-method',
]
const others = ['origin-refused', 'target-malformed', 'path-not-utf8', 'path-length', 'method-not-allowed']
const bodies = ['page-off', 'body-too-large', 'body-not-utf8', 'too-many-sockets']

export const refusalCounters = [
  'pongsMissed',
  ...[...reasons, ...others, ...bodies].map(reason => `refused.${reason}`),
]

export const play: Driver<Send, Expect>['play'] = async (row, ground) => {
  const session = new Session(ground)
  try {
    for (const [index, send] of row.send.entries()) {
      const expected = row.expect[index]
      assert(expected, `step ${index + 1} has nothing to expect`)
      await session.step(send, expected)
    }
    equal(row.send.length, row.expect.length, 'each step has one expectation')
    return session.happened
  } finally {
    session.close()
  }
}

type Step<Kind extends Send['kind']> = Extract<Send, { kind: Kind }>

interface Member {
  readonly socket: RawWebSocket
  readonly joinedMs: number
  readonly channel: string
  readonly slot: number | undefined
  /** Frames that a step has seen. */
  seen: number
}

class Session {
  readonly happened: Happening[] = []
  readonly #ground: Ground
  readonly #members = new Map<string, Member>()
  readonly #requests = new Map<string, HttpClient>()
  readonly #strangers: RawClient[] = []

  constructor(ground: Ground) {
    this.#ground = ground
  }

  close(): void {
    for (const { socket } of this.#members.values()) socket.client.leave()
    for (const client of this.#strangers) client.leave()
    for (const http of this.#requests.values()) http.leave()
  }

  async step(send: Send, expected: Expect): Promise<void> {
    switch (send.kind) {
      case 'join':
        return this.#join(send, expected)
      case 'request':
        return this.#request(send, expected)
      case 'posts':
        return this.#posts(send)
      case 'frames':
        return this.#frames(send)
      case 'chat':
        return this.#chat(send, expected)
      case 'read':
        return this.#read(this.#member(send.client), expected)
      case 'pause':
      case 'resume':
        return this.#member(send.client).socket.client[send.kind]()
      case 'leave':
        this.#member(send.client).socket.client.leave()
        return this.#left(this.#member(send.client))
      default:
        send satisfies never
    }
  }

  async #join(send: Step<'join'>, expected: Expect): Promise<void> {
    const { at, channel, client, headers, method, target } = send
    const raw = new RawClient(this.#place(at, channel))
    if (expected.kind === 'answer') {
      this.#strangers.push(raw)
      raw.send(handshake(target, headers, method))
      return compareAnswer(await new HttpClient(raw).answer(method), expected)
    }
    equal(expected.kind, 'joined')
    const socket = new RawWebSocket(raw)
    const slot = slotOf(at, channel, this.#ground)
    this.#members.set(client, { socket, joinedMs: performance.now(), channel, slot, seen: 0 })
    await socket.open(handshake(target, headers, method))
    const { status, headers: got } = await new HttpClient(raw).head()
    equal(status, 101)
    const { date = '', ...rest } = got
    match(date, /GMT$/)
    deepEqual(rest, { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-accept': acceptOfKey })
    this.happened.push({ what: 'subscribed', channel, slot })
  }

  async #request(send: Step<'request'>, expected: Expect): Promise<void> {
    const { at, channel, cut, method } = send
    if (cut) {
      const raw = new RawClient(this.#place(at, channel))
      this.#strangers.push(raw)
      raw.send(encode(send, Buffer.byteLength(send.body ?? '') + 1)).endSending()
      await raw.ended()
      return equal(raw.text, '')
    }
    const http = this.#http(at, channel)
    http.raw.send(encode(send))
    assert(expected.kind === 'answer', 'a request brings an answer')
    const answered = await http.answer(method)
    compareAnswer(answered, expected)
    if (answered.closes) this.#requests.delete(`${at} ${channel}`)
    const isPublish = method === 'POST' && expected.status === 200 && Buffer.byteLength(send.body ?? '') > 0
    if (isPublish) this.#published(channel, slotOf(at, channel, this.#ground), 1)
  }

  async #posts({ at, bytes, channel, count, target }: Step<'posts'>): Promise<void> {
    const http = this.#http(at, channel)
    for (let index = 0; index < count; index++) {
      const body = String(index).padEnd(bytes)
      http.raw.send(`POST ${target} HTTP/1.1\r\nhost: t\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
      equal((await http.answer('POST')).status, 200, `post ${index}`)
    }
    this.#published(channel, slotOf(at, channel, this.#ground), count)
  }

  /** A ping behind the frames comes back when they were handled, unless they end the connection. */
  async #frames({ bytes, client, publishes }: Step<'frames'>): Promise<void> {
    const { channel, slot, socket } = this.#member(client)
    socket.client.send(bytes)
    this.#published(channel, slot, publishes)
  }

  async #chat({ client, everyMs }: Step<'chat'>, expected: Expect): Promise<void> {
    const member = this.#member(client)
    const { channel, slot, socket } = member
    const { offset: before } = await this.#ground.ownerView(channel)
    const at = this.happened.length
    let sent = 0
    while (!socket.client.closed) {
      socket.send(opcode.text, String(sent++))
      await new Promise(resolve => setTimeout(resolve, everyMs))
    }
    await this.#read(member, expected)
    // The owner has heard that the client left, and so all that came from it before.
    const published = (await this.#ground.ownerView(channel)).offset - before
    const heard = socket.frames.filter(({ code }) => code === opcode.text)
    deepEqual(
      heard.map(({ payload }) => payload.toString()),
      Array.from(heard, (_, index) => String(index)),
    )
    // What was sent as the connection ended may not have arrived, and the last of what arrived not have come back.
    ok(published >= sent - 2 && published <= sent, `${published} of ${sent} were published`)
    ok(heard.length > 1 && heard.length <= published, `${heard.length} of ${published} came back`)
    this.#published(channel, slot, published, at)
  }

  async #read(member: Member, expected: Expect): Promise<void> {
    const { socket } = member
    switch (expected.kind) {
      case 'frames': {
        const got: string[] = []
        for (const _ of expected.hex) got.push(await this.#next(member, expected.amidPings))
        deepEqual(got, expected.hex)
        return assertTime(member, expected)
      }
      case 'sized': {
        const { code, fin, payload } = await socket.frame(member.seen++)
        return deepEqual([code, fin, payload.length], [expected.code, true, expected.bytes])
      }
      case 'series':
        for (let index = 0; index < expected.count; index++) {
          const { code, payload } = await socket.frame(member.seen++)
          deepEqual([code, payload.toString().trimEnd()], [opcode.text, String(index)])
        }
        return
      case 'cut-series':
        await socket.client.ended()
        this.#cutSeries(member, expected)
        return this.#left(member)
      case 'position': {
        const { code, payload } = await socket.frame(member.seen++)
        equal(code, opcode.binary)
        const { ringcast } = JSON.parse(payload.toString())
        equal(ringcast.gap, expected.gap)
        return match(ringcast.position, /^[0-9a-f]+\.\d+$/)
      }
      case 'ended': {
        await socket.client.ended()
        assertTime(member, expected)
        socket.read()
        const rest = socket.frames.slice(member.seen).filter(({ code }) => code === opcode.close)
        const last = rest.map(({ code, payload }) => frame(code, payload, { masked: false }).toString('hex'))
        deepEqual(last, expected.last === undefined ? [] : [expected.last])
        return this.#left(member)
      }
      default:
        throw new Error(`a client cannot be read for ${expected.kind}`)
    }
  }

  #cutSeries(member: Member, { last, shorterThan }: Extract<Expect, { kind: 'cut-series' }>): void {
    const { socket } = member
    socket.read()
    const rest = socket.frames.slice(member.seen).filter(({ code }) => code !== opcode.ping)
    const end = rest.pop()
    equal(end && frame(end.code, end.payload, { masked: false }).toString('hex'), last)
    for (const [index, { payload }] of rest.entries()) equal(payload.toString().trimEnd(), String(index))
    ok(rest.length > 0 && rest.length < shorterThan, `${rest.length} messages came`)
  }

  async #next(member: Member, amidPings = false): Promise<string> {
    const { code, fin, payload, reserved } = await member.socket.frame(member.seen++)
    if (amidPings && code === opcode.ping) return this.#next(member, amidPings)
    return frame(code, payload, { masked: false, fin, reserved }).toString('hex')
  }

  #left({ channel, slot }: Member): Promise<void> {
    return noteLeft(this.happened, [{ what: 'left', channel, slot }], this.#ground)
  }

  /** `at` is its place in what happened; without it, it happened last. */
  #published(channel: string, slot: number | undefined, count: number, at = this.happened.length): void {
    const published: Happening = { what: 'published', channel, slot }
    this.happened.splice(at, 0, ...Array<Happening>(count).fill(published))
  }

  #place(at: Place, channel: string): { readonly host: string; readonly port: number } {
    const slot = slotOf(at, channel, this.#ground)
    return placeOf(slot === undefined ? this.#ground.address : (this.#ground.shards[slot] ?? ''))
  }

  #http(at: Place, channel: string): HttpClient {
    const key = `${at} ${channel}`
    const http = this.#requests.get(key) ?? new HttpClient(new RawClient(this.#place(at, channel)))
    this.#requests.set(key, http)
    return http
  }

  #member(name: string): Member {
    const member = this.#members.get(name)
    assert(member, `there is no client ${name}`)
    return member
  }
}

/** Later than that is the machine's matter; the room's own tests have a clock that says the moment. */
function assertTime({ joinedMs }: Member, { fromMs }: { readonly fromMs: number }): void {
  const ms = performance.now() - joinedMs
  ok(ms >= fromMs, `it came after ${ms} ms already`)
}

function compareAnswer({ status, headers, body }: Answered, expected: Answer): void {
  const { date = '', 'content-length': length, ...rest } = headers
  match(date, /GMT$/)
  equal(status, expected.status, body)
  deepEqual(rest, expected.headers)
  if (typeof expected.body !== 'string') return match(body, expected.body)
  equal(body, expected.body)
  equal(length, String(Buffer.byteLength(body)))
}

function encode({ body, headers, method, target }: Step<'request'>, length?: number): Buffer {
  const content = Buffer.from(body ?? '')
  const isChunked = headers['transfer-encoding'] !== undefined
  const declared =
    body === undefined || isChunked ? [] : [['content-length', String(length ?? content.length)]]
  const fields = [['host', 't'], ...fieldsOf(headers), ...declared].map(
    ([name, value]) => `${name}: ${value}`,
  )
  return Buffer.concat([
    Buffer.from(`${[`${method} ${target} HTTP/1.1`, ...fields].join('\r\n')}\r\n\r\n`, 'latin1'),
    content,
  ])
}

function fieldsOf(headers: Headers): string[][] {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values ?? []].flat().map(value => [name, value]),
  )
}
