// A WebSocket over HTTP between an origin that answers anything, and a session that does anything, from within what it hears
// too: it ends once, hears nothing behind that, and leaves nothing.
import { equal } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { Socket } from '../unit/grip/socket/given-socket.ts'

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))

const empty = Buffer.alloc(0)

/** What a session does, by name. */
const deeds = {
  text: (socket: Socket) => void socket.text('x'),
  piece: (socket: Socket) => void socket.end.message('text', Buffer.alloc(90_000), false, false),
  last: (socket: Socket) => void socket.end.message('text', empty, false, true),
  ping: (socket: Socket) => void socket.end.ping(empty),
  refresh: (socket: Socket) => socket.end.refresh(),
  pause: (socket: Socket) => socket.end.pause(),
  resume: (socket: Socket) => socket.end.resume(),
  close: (socket: Socket) => socket.end.close(1000, empty),
  gone: (socket: Socket) => socket.end.gone(),
  leave: (socket: Socket) => socket.end.leave(),
  crowdedOut: (socket: Socket) => socket.end.crowdedOut(),
} as const

const deed = fc.constantFrom(...(Object.keys(deeds) as (keyof typeof deeds)[])) // as: keys of a literal are its own
const events = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom('TEXT 1\r\nx\r\n', 'BINARY\r\n', 'PING\r\n', 'PONG 1\r\np\r\n', 'FOO\r\n'),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('OPEN\r\n', 'CLOSE\r\n', 'DISCONNECT\r\n', 'garbage', 'TEXT x\r\n'),
    },
  ),
  { maxLength: 4 },
)
const headers = fc.array(
  fc.constantFrom(
    'Keep-Alive-Interval: 20',
    'Keep-Alive-Interval: 0',
    'Content-Bytes-Accepted: 0',
    'Set-Meta-A: 1',
  ),
  { maxLength: 2 },
)

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('deed' as const), deed }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('answer' as const), events, headers }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      phase: fc.constantFrom('connecting' as const, 'sending' as const, 'waiting' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1_000, 30_000) }),
  },
)
const scene = fc.record({
  accepts: fc.boolean(),
  steps: fc.array(step, { maxLength: 40 }),
  /** What it does within each thing that it hears, in turn. */
  within: fc.array(fc.option(deed, { nil: undefined }), { maxLength: 10 }),
})

const ends = /^(?:refused|failed|ended|disconnected|lost)/
const silencing: ReadonlySet<string> = new Set(['gone', 'leave', 'crowdedOut'])

/** Nothing is heard behind an end, or behind what silences. */
class Watch {
  readonly socket = new Socket()
  #isSilent = false
  #answered = 0

  constructor(within: readonly (keyof typeof deeds | undefined)[]) {
    let turn = 0
    this.socket.on = told => {
      equal(this.#isSilent, false, `${told} was told behind the end`)
      if (ends.test(told)) this.#isSilent = true
      const deed = within[turn++]
      if (deed !== undefined) this.do(deed)
    }
  }

  do(deed: keyof typeof deeds): void {
    const { told } = this.socket
    const { length } = told
    deeds[deed](this.socket)
    // It is let go of by a word of its own, unless it was silent already.
    if (deed === 'crowdedOut' && told.length > length)
      equal(/^(?:lost|failed)/.test(told[length] ?? ''), true)
    if (silencing.has(deed)) this.#isSilent = true
  }

  /** The request that waits for an answer, if there is one. */
  take(act: (last: Socket['last']) => void): void {
    const { calls } = this.socket.worker.origin
    if (calls.length === this.#answered || this.socket.last.isAborted) return
    this.#answered = calls.length
    act(this.socket.last)
  }

  finish(): void {
    this.do('gone')
    this.socket.clock.advance(200_000)
    const { calls, origin } = this.socket.worker
    equal(calls.crowd.bytes, 0)
    equal(calls.counters.socketsOverHttp, 0)
    const { length } = origin.calls
    this.socket.clock.advance(1_000_000)
    equal(origin.calls.length, length)
  }
}

test('an end comes once, and leaves nothing', () => {
  fc.assert(
    fc.property(scene, ({ accepts, steps, within }) => {
      const watch = new Watch(within)
      if (accepts) watch.take(() => watch.socket.answer('OPEN\r\n'))
      for (const each of steps) {
        if (each.kind === 'deed') watch.do(each.deed)
        else if (each.kind === 'pass') watch.socket.clock.advance(each.ms)
        else if (each.kind === 'fail') watch.take(last => last.fail({ phase: each.phase }))
        else {
          const raw = each.headers.flatMap(header => header.split(': '))
          watch.take(() => watch.socket.answer(each.events.join(''), ...raw))
        }
      }
      watch.finish()
    }),
    { numRuns: 5_000, seed },
  )
})
