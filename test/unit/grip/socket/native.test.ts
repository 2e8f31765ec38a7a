// An origin that speaks WebSocket, without a socket (contract §4.10): who is dialled, and what both ends are told.
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { Native } from '../../../../src/frontends/grip/socket/native.ts'
import type { Acceptance, OriginEndOwner } from '../../../../src/frontends/grip/socket/origin-end.ts'
import type { BareConnection } from '../../../../src/net/bare-connection.ts'
import type { DialHandlers } from '../../../../src/net/outgoing/dial.ts'
import type { CallFailure } from '../../../../src/net/outgoing/failures.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { choiceOf, FakeExchange } from '../proxy/given-origin.ts'
import { FakePeer } from './given-session.ts'

const bye = Buffer.from('bye')
const unreachable = {
  phase: 'connecting',
  code: 'ECONNREFUSED',
  message: 'nobody is there',
  wasReused: false,
  isBlocked: false,
} as const satisfies CallFailure

/** What a session heard, as words in order. */
class Heard implements OriginEndOwner {
  readonly words: string[] = []
  acceptance: Acceptance | undefined

  opened(acceptance: Acceptance): void {
    this.acceptance = acceptance
    this.words.push('opened')
  }

  refused(
    { status, reason, rawHeaders }: { status: number; reason: string; rawHeaders: readonly string[] },
    body: Uint8Array,
  ): void {
    this.words.push(`refused ${status} ${reason} ${rawHeaders.join(' ')} ${Buffer.from(body)}`)
  }

  failed({ body }: { readonly body: string }): void {
    this.words.push(`failed ${body.trim()}`)
  }

  message(kind: string, piece: Buffer, isFirst: boolean, isLast: boolean): void {
    this.words.push(`${kind} ${isFirst ? '' : '…'}${piece}${isLast ? '' : '…'}`)
  }

  ping(payload: Buffer): void {
    this.words.push(`ping ${payload}`)
  }

  pong(payload: Buffer): void {
    this.words.push(`pong ${payload}`)
  }

  closed(code: number | undefined, reason: Buffer): void {
    this.words.push(`closed ${code} ${reason}`.trim())
  }

  ended(): void {
    this.words.push('ended')
  }

  disconnected(): void {
    this.words.push('disconnected')
  }

  lost(cause: string): void {
    this.words.push(`lost: ${cause}`)
  }

  drained(): void {
    this.words.push('drained')
  }
}

class Dialled {
  readonly name: string
  readonly handlers: DialHandlers
  isAborted = false

  constructor(name: string, handlers: DialHandlers) {
    this.name = name
    this.handlers = handlers
  }

  abort(): void {
    this.isAborted = true
  }
}

let clock: FakeClock
let dials: Dialled[]
let peers: FakePeer[]
let cut: number
beforeEach(() => {
  clock = new FakeClock()
  dials = []
  peers = []
  cut = 0
})

function dial(line = '*,debug o:1 o:2', more: Parameters<typeof choiceOf>[2] = {}) {
  const heard = new Heard()
  const native = new Native(
    {
      clock,
      dial: (_, target, handlers) => {
        const dialled = new Dialled(target.place.kind === 'tcp' ? String(target.place.port) : '', handlers)
        dials.push(dialled)
        return dialled
      },
      openPeer: (_, handlers) => {
        const peer = new FakePeer(handlers)
        peers.push(peer)
        return peer
      },
      isDebug: ({ rule }) => rule.debug,
    },
    choiceOf(new FakeExchange(), line, more),
    heard,
  )
  native.open()
  return { native, heard }
}

function accept(...rawHeaders: readonly string[]): void {
  const socket = { destroy: () => void cut++ }
  dials.at(-1)?.handlers.onAccepted(rawHeaders, { socket } as unknown as BareConnection)
}

/** One that is open. */
function opened() {
  const { native, heard } = dial()
  accept()
  heard.words.length = 0
  const [peer] = peers
  if (peer === undefined) throw new Error('there is no peer')
  return { native, heard, peer }
}

describe('a native origin', () => {
  test('is the first one that connects', () => {
    const { heard } = dial('*,debug o:1 o:2,sub=a')
    dials[0]?.handlers.onFailure(unreachable)
    deepEqual(
      dials.map(({ name }) => name),
      ['1', '2'],
    )
    accept(
      'X-A',
      '1',
      'Upgrade',
      'websocket',
      'Sec-WebSocket-Accept',
      'x',
      'Sec-WebSocket-Extensions',
      'grip',
    )
    deepEqual(heard.acceptance, { rawHeaders: ['X-A', '1'], messagePrefix: 'm:', subscriptions: ['a'] })
  })

  test('that is not reached is told with all that were tried', () => {
    const { heard } = dial()
    for (const at of [0, 1]) dials[at]?.handlers.onFailure(unreachable)
    deepEqual(heard.words, ['failed Unable to connect to any targets. Tried: o:1, o:2'])
  })

  test('that was reached and fails is no reason to ask another one', () => {
    const { heard } = dial()
    dials[0]?.handlers.onFailure({ ...unreachable, phase: 'waiting', message: 'it went' })
    deepEqual([heard.words, dials.length], [['failed it went'], 1])
  })

  test('refuses in its own words', () => {
    const { heard } = dial()
    dials[0]?.handlers.onRefused(403, 'Nope', ['X-A', '1', 'Grip-Hold', 'x'], Buffer.from('no'))
    deepEqual(heard.words, ['refused 403 Nope X-A 1 no'])
  })

  test('that chooses what nobody offered is not taken', () => {
    const { heard } = dial()
    accept('Sec-WebSocket-Extensions', 'permessage-deflate, grip')
    deepEqual(heard.words, ['failed an extension that was not offered: permessage-deflate, grip'])
    equal(cut, 1)
    equal(dial('*,no_grip o:1').heard.words.length, 0)
    accept('Sec-WebSocket-Extensions', 'grip')
    equal(cut, 2)
  })

  test('without GRIP has no orders, and a GRIP proxy speaks it itself', () => {
    const { heard } = dial()
    accept()
    equal(heard.acceptance?.messagePrefix, undefined)
    const trusted = dial('* o:1', { isTrusted: true })
    accept('Sec-WebSocket-Extensions', 'grip; message-prefix=""')
    deepEqual(trusted.heard.acceptance, {
      rawHeaders: ['Sec-WebSocket-Extensions', 'grip; message-prefix=""'],
      messagePrefix: undefined,
      subscriptions: [],
    })
  })

  test('is not dialled any more for a client that left', () => {
    const { native } = dial()
    native.gone()
    equal(dials[0]?.isAborted, true)
  })

  test('gets frames as they come, and says what it says', () => {
    const { native, heard, peer } = opened()
    native.message('text', Buffer.from('a'), true, false)
    native.message('text', Buffer.from('b'), false, true)
    native.ping(Buffer.from('p'))
    native.pong(Buffer.from('q'))
    native.refresh()
    deepEqual(peer.got, ['text a…', 'text …b', 'ping p', 'pong q'])
    peer.say.message('binary', Buffer.from('c'), true, false)
    peer.say.ping(Buffer.from('r'))
    peer.say.pong(Buffer.from('s'))
    deepEqual(heard.words, ['binary c…', 'ping r', 'pong s'])
  })

  test('that is behind is told of, and so is that it takes more', () => {
    const { native, heard, peer } = opened()
    peer.isTaking = false
    equal(native.message('text', Buffer.from('a'), true, true), false)
    peer.drain()
    deepEqual(heard.words, ['drained'])
    native.pause()
    equal(peer.got.at(-1), '(pause)')
    native.resume()
    equal(peer.got.at(-1), 'text a')
  })
})

describe('the end', () => {
  test('is the answer to a close of the client', () => {
    const { native, heard, peer } = opened()
    native.close(4321, bye)
    deepEqual(peer.got, ['close 4321 bye'])
    peer.say.closing(4321, bye)
    deepEqual([peer.got, heard.words], [['close 4321 bye', 'FIN'], ['closed 4321 bye']])
  })

  test('comes after five seconds where a close is not answered', () => {
    const { native, heard, peer } = opened()
    native.close(undefined, Buffer.alloc(0))
    clock.advance(5_000)
    deepEqual([peer.got, heard.words], [['close undefined', 'FIN'], []])
  })

  test('is the answer of the client to its own', () => {
    const { native, heard, peer } = opened()
    peer.say.closing(1011, Buffer.from('boom'))
    deepEqual([peer.got, heard.words], [[], ['closed 1011 boom']])
    native.close(1011, Buffer.alloc(0))
    deepEqual(peer.got, ['close 1011', 'FIN'])
  })

  test('is told where the connection is lost, with what it did wrong', () => {
    const { heard, peer } = opened()
    peer.say.gone()
    deepEqual(heard.words, ['lost: the connection to the origin was lost'])
    const other = dial()
    accept()
    peers.at(-1)?.say.gone('fragment')
    deepEqual(other.heard.words, [
      'opened',
      'lost: the connection to the origin broke a rule of WebSocket (fragment)',
    ])
  })

  test('is 1000 where we go on without it, and nothing it says is heard', () => {
    const { native, heard, peer } = opened()
    native.leave()
    peer.say.message('text', Buffer.from('late'), true, true)
    peer.say.closing(1000, Buffer.alloc(0))
    deepEqual([peer.got, heard.words], [['close 1000', 'FIN'], []])
  })

  test('has no close frame where the client had none', () => {
    const { native, peer } = opened()
    native.gone()
    deepEqual(peer.got, ['FIN'])
    native.leave()
    native.close(1000, bye)
    deepEqual(peer.got, ['FIN'])
  })

  test('of a close under way is not hurried by the client’s going', () => {
    const { native, heard, peer } = opened()
    native.close(1000, Buffer.alloc(0))
    native.gone()
    deepEqual(peer.got, ['close 1000'])
    peer.say.gone()
    deepEqual(heard.words, [])
  })
})
