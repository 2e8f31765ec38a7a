// A WebSocket over HTTP whatever happens: random events of a client, an origin that accepts as much as it likes and loses
// connections before and after a request was sent. It sees every byte in order, and none twice but what it did not accept
// (contract §8.3).
import { deepEqual, equal } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { EventReader } from '../../src/frontends/grip/socket/events.ts'
import { Socket } from '../unit/grip/socket/given-socket.ts'

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))

type Step =
  | { readonly kind: 'event'; readonly type: 'TEXT' | 'BINARY' | 'PING' | 'PONG'; readonly size: number }
  /** `share` of the bytes that were offered, in thousandths; undefined: nothing is said of it. */
  | { readonly kind: 'answer'; readonly share: number | undefined }
  | { readonly kind: 'fail'; readonly phase: 'connecting' | 'sending' | 'waiting' | 'receiving' }
  | { readonly kind: 'end'; readonly how: 'close' | 'gone' | 'leave' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('event'),
      type: fc.constantFrom('TEXT', 'BINARY', 'PING', 'PONG'),
      size: fc.oneof(fc.constant(0), fc.nat(20)),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('answer'),
      share: fc.option(fc.nat(1_000), { nil: undefined }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('fail'), phase: fc.constantFrom('connecting', 'sending') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('fail'), phase: fc.constantFrom('waiting', 'receiving') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('end'), how: fc.constantFrom('close', 'gone', 'leave') }),
  },
)

/** One byte of a content, or an event without one, which counts like a byte. */
type Unit = string

const farewells = { close: 'CLOSE', gone: 'DISCONNECT', leave: 'CLOSE' } as const

/** Behind a client that left, its origin is told for so long. */
const farewellMs = 60_000

/** What the origin is, and what the client said. */
class Model {
  /** What the client said, unit by unit. */
  readonly said: Unit[] = []
  /** Of `said`, how much the origin took. */
  taken = 0
  /** Of `said`, how much it has seen, taken or not. */
  seen = 0
  isOver = false
  #letters = 0

  /** A content in which each byte differs from those around it. */
  say(type: string, size: number): Buffer {
    const content = Buffer.from(Array.from({ length: size }, () => 33 + (this.#letters++ % 90)))
    this.said.push(...unitsOf(type, content))
    return content
  }
}

function unitsOf(type: string, content: Buffer): readonly Unit[] {
  return content.length === 0 ? [type] : Array.from(content, byte => `${type} ${byte}`)
}

function unitsIn(body: string): readonly Unit[] {
  const reader = new EventReader(Buffer.from(body, 'latin1'))
  const units: Unit[] = []
  for (let event = reader.next(); event !== undefined; event = reader.next()) {
    units.push(...unitsOf(event.type, event.content))
  }
  equal(reader.isBroken, false)
  return units
}

class Run {
  readonly socket: Socket
  readonly model = new Model()
  /** Requests that were looked at. */
  #looked = 0
  /** Of the one that is under way. */
  #offered: readonly Unit[] = []
  #failures = 0
  #isRepeated = false
  #isLost = false
  /** When its owner left, who hears nothing more. */
  #leftMs: number | undefined

  constructor(isOne: boolean) {
    this.socket = new Socket({ line: `* o:80,over_http${isOne ? ',one_event' : ''}` }).accepted()
  }

  get isBusy(): boolean {
    return this.#looked > 0 && this.#offered.length > 0
  }

  take(step: Step): void {
    const { socket, model } = this
    if (step.kind === 'event') {
      if (model.isOver) return
      const content = model.say(step.type, step.size)
      if (step.type === 'PING') socket.end.ping(content)
      else if (step.type === 'PONG') socket.end.pong(content)
      else socket.end.message(step.type === 'TEXT' ? 'text' : 'binary', content, true, true)
    } else if (step.kind === 'answer') this.#answer(step.share)
    else if (step.kind === 'fail') this.#fail(step.phase)
    else if (!model.isOver) {
      model.isOver = true
      if (step.how !== 'close') this.#leftMs = socket.clock.now()
      model.said.push(farewells[step.how])
      if (step.how === 'close') socket.end.close(undefined, Buffer.alloc(0))
      else socket.end[step.how]()
    }
    this.#look()
  }

  /** Everything that was said is seen at last. What was not accepted waits until there is more. */
  finish(): void {
    while (this.isBusy) this.take({ kind: 'answer', share: undefined })
    const { told } = this.socket
    equal(
      told.filter(text => text.startsWith('lost')).length,
      this.#isLost && this.#leftMs === undefined ? 1 : 0,
    )
    if (!this.#isLost) equal(this.model.seen, this.model.said.length)
  }

  #answer(share: number | undefined): void {
    if (!this.isBusy) return
    const bytes = this.#offered.filter(unit => unit.includes(' ')).length
    const accepted = share === undefined ? bytes : Math.floor((bytes * share) / 1_000)
    const isLast = this.#offered.includes('CLOSE') || this.#offered.includes('DISCONNECT')
    const count = accepted === bytes || isLast ? this.#offered.length : unitsUntil(this.#offered, accepted)
    this.model.taken += count
    this.#offered = []
    this.#failures = 0
    this.socket.answer('', ...(share === undefined ? [] : ['Content-Bytes-Accepted', String(accepted)]))
  }

  #fail(phase: 'connecting' | 'sending' | 'waiting' | 'receiving'): void {
    if (!this.isBusy) return
    const isHeard = phase === 'waiting' || phase === 'receiving'
    const pauseMs = 1_000 * 2 ** this.#failures++
    const { clock } = this.socket
    const isLate = this.#leftMs !== undefined && clock.now() + pauseMs >= this.#leftMs + farewellMs
    const isFinal = isHeard || this.#failures > 5 || isLate
    if (phase === 'receiving') this.socket.last.head(200, 'Content-Type', 'application/websocket-events')
    this.socket.last.fail({ phase })
    if (isFinal && this.#tellsOn(isHeard)) return
    if (isFinal) {
      this.#offered = []
      this.model.isOver = true
      this.#isLost = true
      // Nothing comes any more, whatever time passes.
      const { length } = this.socket.posts
      clock.advance(200_000)
      equal(this.socket.posts.length, length)
      equal(this.socket.worker.calls.counters.socketsOverHttp, 0)
      this.model.said.length = this.model.taken
    } else {
      this.#isRepeated = true
      clock.advance(pauseMs)
    }
  }

  /** Whatever became of a request, an origin hears that its client is gone, as long as there is time for it. */
  #tellsOn(isHeard: boolean): boolean {
    const { model, socket } = this
    if (this.#leftMs === undefined || socket.clock.now() >= this.#leftMs + farewellMs) return false
    if (!isHeard && this.#failures <= 5) return false
    const left = model.said.length - model.taken - this.#offered.length
    if (left === 0) return false
    model.taken += this.#offered.length
    this.#offered = []
    this.#failures = 0
    return true
  }

  #look(): void {
    const { model, socket } = this
    for (; this.#looked < socket.posts.length; this.#looked++) {
      const units = unitsIn(socket.posts[this.#looked] ?? '')
      if (this.#isRepeated) deepEqual(units, this.#offered)
      else equal(this.#offered.length, 0, 'one request at a time')
      // It goes on where the origin took the last of it, and has something that it has not seen.
      deepEqual(units, model.said.slice(model.taken, model.taken + units.length))
      const again = model.said.slice(model.taken, model.seen)
      if (!this.#isRepeated) {
        equal(units.length > again.length, true)
        const replayed = again.filter(unit => unit.includes(' ')).length
        equal(socket.header('content-bytes-replayed'), replayed === 0 ? undefined : String(replayed))
      }
      this.#isRepeated = false
      this.#offered = units
      model.seen = Math.max(model.seen, model.taken + units.length)
    }
  }
}

/** Of what was offered, until so many bytes, fewer than there are, were taken. */
function unitsUntil(units: readonly Unit[], bytes: number): number {
  let left = bytes
  let count = 0
  while (left > 0) if (units[count++]?.includes(' ') === true) left--
  return count
}

test('an origin sees what its client says once, in order, and again what it did not accept', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(step, { maxLength: 60 }), (isOne, steps) => {
      const run = new Run(isOne)
      for (const each of steps) run.take(each)
      run.finish()
    }),
    { numRuns: 3_000, seed },
  )
})
