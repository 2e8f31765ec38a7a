import { deepEqual, equal, fail, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Api } from '../../../src/admin/api.ts'
import { Call } from '../../../src/admin/call.ts'
import { type Code, refusals as refusalTable } from '../../../src/admin/refusals.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import type { Subscriber } from '../../../src/engine/reader/subscriber.ts'
import { type Epoch, nextOffset, parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import {
  type ContentKind,
  type Publication,
  parseChannelName,
} from '../../../src/engine/words/publication.ts'
import { Refusals } from '../../../src/frontends/session/refusals.ts'
import type { Exchange } from '../../../src/net/exchange.ts'
import type { StreamConsumer } from '../../../src/net/held-stream.ts'
import type { Reply } from '../../../src/net/reply.ts'
import type { RefusalLog } from '../../../src/telemetry/refusals.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { placesOnly } from '../../helpers/protocols/renderings.ts'

const name = parseChannelName('news') ?? parseChannelName('')

function position(epoch: string, offset: number) {
  return { epoch: parseEpoch(epoch), offset: parseOffset(offset) }
}

/** One publication, as the engine would offer it. */
function offer(subscriber: Subscriber, publication: Publication, epoch: Epoch): void {
  const { offset: from, channel } = publication
  const bytes = subscriber.format.encode(publication, epoch) ?? fail('every publication is an event')
  const batch = { frames: [bytes], bytes, size: bytes.length, from, next: nextOffset(from) }
  subscriber.offer(batch, { name: channel })
}

function refusalsInto(refused: string[]): Refusals<Code> {
  const log = { refused: (code: string) => refused.push(code) } as unknown as RefusalLog // all that is called
  return new Refusals(refusalTable, log)
}

/** A follower between an engine and an exchange that only note what they are told. */
function follow() {
  const clock = new FakeClock()
  const written: string[] = []
  const refused: string[] = []
  const seen: {
    subscriber?: Subscriber
    consumer?: StreamConsumer
    reply?: Reply
    unsubscribed?: true
    aborted?: () => void
  } = {}
  let open = true
  const wire = { takes: true }
  const shut = (how: string) => () => {
    if (!open) return
    open = false
    written.push(how)
    seen.consumer?.closed()
  }
  const held = {
    write: (bytes: Uint8Array) => written.push(String(bytes)) > 0 && wire.takes,
    end: shut('[end]'),
    close: shut('[cut]'),
  }
  const exchange = {
    query: undefined,
    pending: true,
    header: () => undefined,
    onAborted: (run: () => void) => {
      seen.aborted = run
    },
    reply: (reply: Reply) => {
      seen.reply = reply
    },
    hold: (_: Reply, first: Uint8Array, consumer: StreamConsumer) => {
      seen.consumer = consumer
      held.write(first)
      return held
    },
  } as unknown as Exchange
  const engine = {
    subscribe: (_: string, subscriber: Subscriber) => {
      seen.subscriber = subscriber
      return {}
    },
    leave: () => {
      seen.unsubscribed = true
    },
  } as unknown as Engine
  const api = new Api(engine, clock)
  if (name === undefined) throw new Error('not a name')
  api.stream(new Call(exchange, { 'x-request-id': '1' }, refusalsInto(refused)), name)
  const { subscriber } = seen
  ok(subscriber !== undefined)
  const publish = (offset: number, kind: ContentKind, text: string, epoch = 'e1') => {
    const content = { kind, payload: Buffer.from(text) }
    offer(subscriber, { channel: name, offset: parseOffset(offset), content }, parseEpoch(epoch))
  }
  return { api, clock, written, refused, seen, subscriber, publish, wire }
}

describe('a follower', () => {
  test('is told where it begins, then publications by position, each on one line', () => {
    const { written, subscriber, publish } = follow()
    subscriber.attached(position('e1', 4), true, 'news')
    publish(5, 'json', '{"a":\r\n1}')
    publish(6, 'text', 'a\nb')
    publish(7, 'none', '')
    deepEqual(written, [
      'event: open\nid: e1.4\ndata: {"position":"e1.4","gap":true}\n\n',
      'id: e1.5\ndata: {"data":{"a":  1}}\n\n',
      'id: e1.6\ndata: {"text":"a\\nb"}\n\n',
      `id: e1.7\n${placesOnly('api').withPositions}\n\n`,
    ])
  })

  test('is told a gap, and goes on in the epoch of the gap', () => {
    const { written, subscriber, publish } = follow()
    subscriber.attached(position('e1', 4), false, 'news')
    equal(subscriber.gap(position('e2', 90), 'news'), true)
    publish(91, 'bytes', '\0', 'e2')
    deepEqual(written.slice(1), [
      'event: gap\nid: e2.90\ndata: {"position":"e2.90"}\n\n',
      'id: e2.91\ndata: {"base64":"AA=="}\n\n',
    ])
  })

  test('is behind from a heartbeat or a gap on that its socket did not take, and younger when it takes some', () => {
    for (const write of ['heartbeat', 'gap'] as const) {
      const { clock, seen, subscriber, wire } = follow()
      subscriber.attached(position('e1', 4), false, 'news')
      wire.takes = false
      if (write === 'gap') subscriber.gap(position('e2', 90), 'news')
      else clock.advance(15_000)
      const since = subscriber.wire.blockedSince
      equal(since, clock.now())
      clock.advance(5_000)
      seen.consumer?.progressed?.()
      equal(subscriber.wire.blockedSince, since + 5_000)
    }
  })

  test('shares its frames with others', () => {
    const [one, two] = [follow().subscriber, follow().subscriber]
    one.attached(position('e1', 4), false, 'news')
    two.attached(position('e1', 9), false, 'news')
    equal(one.format.id, two.format.id)
  })

  test('has a sign of life every 15 s, but not while its wire is behind', () => {
    const { clock, written, subscriber } = follow()
    subscriber.attached(position('e1', 4), false, 'news')
    clock.advance(14_999)
    equal(written.length, 1)
    clock.advance(1)
    equal(written[1], ':\n\n')
    subscriber.wire.blockedSince = clock.now()
    clock.advance(15_000)
    equal(written.length, 2)
  })

  test('is told why it ends, and leaves nothing behind', () => {
    const { api, clock, written, subscriber } = follow()
    subscriber.attached(position('e1', 4), false, 'news')
    deepEqual([api.counters.streams, api.counters.streamsOpened], [1, 1])
    subscriber.close('owner-lost', 'news')
    deepEqual(written.slice(1), ['event: end\ndata: {"reason":"owner-lost"}\n\n', '[end]'])
    clock.advance(60_000)
    deepEqual([written.length, api.counters.streams], [3, 0])
  })

  test('that is slow is cut, and one that is behind is not written to', () => {
    const slow = follow()
    slow.subscriber.attached(position('e1', 4), false, 'news')
    slow.subscriber.close('slow', 'news')
    deepEqual(slow.written.slice(1), ['[cut]'])
    const behind = follow()
    behind.subscriber.attached(position('e1', 4), false, 'news')
    behind.subscriber.wire.blockedSince = 0
    behind.subscriber.close('draining', 'news')
    deepEqual(behind.written.slice(1), ['[end]'])
  })

  test('that was not attached yet gets a refusal, and one that leaves is unsubscribed', () => {
    const early = follow()
    early.subscriber.close('draining', 'news', 61_001)
    deepEqual([early.seen.reply?.status, early.refused], [503, ['draining']])
    equal(early.seen.reply?.headers?.['retry-after'], '62')
    const sent = follow()
    sent.subscriber.attached(position('e1', 4), false, 'news')
    sent.subscriber.close('draining', 'news', 61_001)
    deepEqual(sent.written.slice(1), ['event: end\ndata: {"reason":"draining"}\nretry: 61001\n\n', '[end]'])
    const gone = follow()
    gone.seen.aborted?.()
    equal(gone.seen.unsubscribed, true)
    const left = follow()
    left.subscriber.attached(position('e1', 4), false, 'news')
    left.seen.consumer?.closed()
    deepEqual([left.seen.unsubscribed, left.api.counters.streams], [true, 0])
  })
})
