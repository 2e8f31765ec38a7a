// What workers send to each other. Nobody but ourselves packs it, so what does not fit is a bug: it may end the worker,
// yet never leave it with wrong credits, or with channels from which its successor cannot start (law 7).
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { MessagePort } from 'node:worker_threads'
import { Engine } from '../../../src/engine/engine.ts'
import type { ChannelSnapshot } from '../../../src/engine/owner/snapshot.ts'
import type { Link, LinkMessage } from '../../../src/engine/words/link.ts'
import { defaultNamespace } from '../../../src/engine/words/namespace.ts'
import { parseOffset } from '../../../src/engine/words/position.ts'
import { packExact, unpack } from '../../../src/std/msgpack.ts'
import { PortLink } from '../../../src/threads/port-link.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { channelName, engineDefaults, historyDefaults } from '../../helpers/mesh.ts'
import { alteredValues, damagedValues } from '../damage.ts'
import type { Target } from '../target.ts'
import { assertNumbered } from './soundness.ts'

const bytesMax = 1_000

/** A port that only takes. */
class Port extends EventEmitter {
  posted = 0
  postMessage(): void {
    this.posted++
  }
  close(): void {}
}

function message(name: string): LinkMessage {
  return ['detach', name]
}

const envelopes = [
  [0, 0, []],
  [500, 164, [['publication', 'news', [41, 0, Buffer.from('1')]]]],
  [400, 0, [message('a'), message('b')]],
]

const envelope: Target = {
  name: 'link-envelope',
  inputs: damagedValues(envelopes),
  check(bytes) {
    const port = new Port()
    const link = new PortLink({
      to: 1,
      port: port as unknown as MessagePort, // the link uses no more of it
      clock: new FakeClock(),
      bytesMax,
      received: messages => assert(Array.isArray(messages), 'messages are a list'),
      drained() {},
      closed() {},
    })
    assert(link.send(message('a'), 500))
    link.flush()
    try {
      port.emit('message', bytes)
    } catch {
      return // the worker retires
    }
    let taken = 0
    while (taken <= bytesMax && link.send(message('b'), 100)) taken += 100
    assert(taken <= bytesMax, 'more is under way than there is credit')
    assert(taken >= bytesMax - 500, 'credit is lost')
  },
}

const offset = 500
/** No publication can follow it. */
const outermost = Number.MAX_SAFE_INTEGER
const payload = Buffer.from('{"n":1}')
const sent: readonly LinkMessage[][] = [
  [['hello', [['mine', 1, 'e1', offset, true, 2]], ['m*']]],
  [['hello', [['new', 1, '', 0, false, 2]], []]],
  [['publish', 7, ['mine', 'fuzz', 'key', 0, payload, ['id', 'event'], { loud: payload }]]],
  [
    ['attach', ['mine', 3, '', 0, false, 1]],
    ['count', 'mine', 4],
    ['pressure', 'mine', false],
  ],
  [
    ['recover', 'mine', 2, 'e1', offset],
    ['detach', 'mine'],
    ['inspect', 1, 'mine', '', -1, 10],
  ],
  [
    ['attached', 'theirs', 1, 'e2', 90, false],
    ['publication', 'theirs', [90, 0, payload]],
  ],
  [
    ['attached', 'theirs', 1, 'e2', 90, false],
    ['gap', 'theirs', 'e2', 95],
    ['publication', 'theirs', [95, 1, payload, ['id']]],
  ],
  [
    ['attached', 'theirs', 1, 'e2', 90, false],
    ['recovered', 'theirs', 2, 88, [[89, 0, payload]], false],
  ],
  [['watch', 'm*', 1], ['unwatch', 'm*'], ['watched', 'x*', 1], ['pattern-gap'], ['farewell', ['theirs']]],
  [
    ['published', 1, 'e2', 90, 1, false],
    ['refused', 1, 'overloaded'],
    ['present', 2, 4],
    ['presence', 3, 'mine'],
  ],
]

/** Takes everything, and packs it as a port would. */
const nowhere: Link = {
  to: 1,
  send(queued) {
    packExact(queued)
    return true
  },
  sendReserved: queued => void packExact(queued),
  flush() {},
}

function open(restored: readonly ChannelSnapshot[]): { engine: Engine; clock: FakeClock } {
  const clock = new FakeClock()
  const engine = new Engine({
    slot: 0,
    clock,
    random: { hex: () => 'e1' },
    settings: engineDefaults,
    history: { ...historyDefaults, size: 10 },
    namespaces: [defaultNamespace(engineDefaults, { ...historyDefaults, size: 10 })],
    ownerOf: channel => (channel.startsWith('theirs') ? 1 : 0),
    seed: () => parseOffset(offset),
    opened() {},
  })
  engine.restore(restored, 0)
  engine.open([nowhere])
  engine.receive(1, [['hello', [], []]])
  return { engine, clock }
}

/** A worker in the middle of its work, with a neighbour of which it has heard. */
function start(): { engine: Engine; clock: FakeClock } {
  const started = open([])
  const { engine } = started
  engine.subscribe(channelName('mine'), new FakeSubscriber(), { via: 'fuzz' })
  engine.subscribe(channelName('theirs'), new FakeSubscriber(), { via: 'fuzz' })
  publish(engine, 'mine')
  return started
}

function publish(engine: Engine, channel: string): void {
  engine.publish({ channel: channelName(channel), content: { kind: 'json', payload }, via: 'fuzz' }, () => {})
}

const messages: Target = {
  name: 'link-messages',
  inputs: alteredValues(sent),
  share: 2,
  check(bytes) {
    const { engine, clock } = start()
    try {
      engine.receive(1, unpack(bytes) as LinkMessage[]) // or not, which is the point
      publish(engine, 'mine')
      clock.advance(1)
      while (clock.turn());
    } catch {
      // The worker retires.
    }
    engine.retire()
    const left = engine.snapshot()
    assertNumbered(left)
    const next = open(left).engine
    if (left.some(([name, , , reached]) => name === 'mine' && reached >= outermost)) return
    publish(next, 'mine')
    assertNumbered(next.snapshot())
  },
}

export const linkTargets: readonly Target[] = [envelope, messages]
