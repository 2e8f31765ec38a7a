// Statistics of the original (contract §6.8): what workers tell, and what the node's observers see of it.
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { MergedReports } from '../../../../src/frontends/grip/control/merged-reports.ts'
import type { StatisticsItem } from '../../../../src/frontends/grip/control/statistics.ts'
import type { GripSettings } from '../../../../src/frontends/grip/settings.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { content, itemWith, response } from '../hold/given-hold.ts'
import { Scene } from '../proxy/given-gateway.ts'

const polls = ['Grip-Hold', 'response', 'Grip-Channel', 'a'] as const
const streams = ['Grip-Hold', 'stream', 'Grip-Channel', 'a'] as const
const id = '00000000-0000-4000-8000-000000000001'

/** One worker, with the node's outlet behind it. */
class Node {
  readonly scene: Scene
  #merged: MergedReports

  constructor(more: Partial<GripSettings> = {}) {
    this.scene = new Scene(more)
    this.#merged = this.#open()
  }

  /** In place of the outlet that is there. */
  reopen(): void {
    this.#merged = this.#open()
    this.scene.gateway.observer.renew()
  }

  #open(): MergedReports {
    return new MergedReports(this.scene.mesh.clock, {
      from: 'me',
      subscriptionTtlMs: 60_000,
      lingerMs: 60_000,
      reportMs: 10_000,
    })
  }

  held(line: string, ...headers: readonly string[]) {
    const client = this.scene.serve(line)
    this.scene.origin.last.answer(200, 'page\n', ...headers)
    this.scene.mesh.settle()
    return client
  }

  /** What observers of these types see in so long, in the order of the types. */
  told(ms: number, ...types: readonly string[]): readonly StatisticsItem['fields'][] {
    const all: StatisticsItem[] = []
    for (let at = 0; at < ms; at += 100) {
      this.scene.pass(100)
      this.#merged.add(0, this.scene.statistics.splice(0))
      all.push(...this.#merged.take())
    }
    return types.flatMap(type => all.filter(item => item.type === type).map(({ fields }) => fields))
  }
}

const from = 'me'

describe('a node tells', () => {
  test('row 187: of a client that opens a stream', () => {
    const node = new Node()
    node.held('* o:80', ...streams)
    const conn = { from, id, type: 'http', 'peer-address': '127.0.0.1', ttl: 120 }
    deepEqual(node.told(300, 'conn', 'sub', 'activity', 'counts', 'message'), [
      conn,
      // It is told of when it came, and when it is held.
      conn,
      { from, channel: 'a', mode: 'stream', subscribers: 1, ttl: 60 },
      { from, count: 1 },
      { from, 'requests-received': 1 },
    ])
  })

  test('of both again in three quarters of their time', () => {
    const node = new Node()
    node.held('* o:80', ...streams)
    node.told(1_000, 'conn')
    deepEqual(node.told(43_000, 'conn', 'sub'), [])
    equal(node.told(2_000, 'sub').length, 1)
    equal(node.told(45_000, 'conn').length, 1)
  })

  test('row 188: of the last stream that leaves at once, of the last poll after its linger', () => {
    const node = new Node()
    const stream = node.held('* o:80', ...streams)
    const poll = node.held('* o:80', ...polls)
    node.told(300)
    stream.leave()
    poll.leave()
    deepEqual(node.told(300, 'sub'), [{ from, channel: 'a', mode: 'stream', unavailable: true }])
    deepEqual(node.told(59_000, 'sub'), [])
    deepEqual(node.told(2_000, 'sub'), [{ from, channel: 'a', mode: 'response', unavailable: true }])
  })

  test('nothing of a poll that comes again meanwhile, and is one more of the same', () => {
    const node = new Node()
    node.held('* o:80', ...polls).leave()
    node.told(300)
    node.held('* o:80', ...polls)
    deepEqual(node.told(300, 'sub'), [{ from, channel: 'a', mode: 'response', subscribers: 1, ttl: 60 }])
    node.told(10_000)
    node.held('* o:80', ...polls)
    deepEqual(node.told(300, 'sub'), [{ from, channel: 'a', mode: 'response', subscribers: 2, ttl: 60 }])
  })

  test('that a connection is gone', () => {
    const node = new Node()
    node.held('* o:80', ...streams).leave()
    deepEqual(node.told(300, 'conn').at(-1), { from, id, unavailable: true })
  })

  test('a new outlet of all that is there, once, a thousand of them with each batch', () => {
    const node = new Node()
    for (let at = 0; at < 1_500; at++) node.held('* o:80', ...streams)
    node.held('* o:80', ...polls).leave()
    node.told(300)
    node.reopen()
    // The channel is among the first thousand.
    equal(node.told(100, 'conn').length, 999)
    deepEqual(node.told(200, 'conn').length, 501)
    node.reopen()
    const told = node.told(300, 'conn', 'sub')
    equal(new Set(told.map(fields => fields['id'])).size, 1_501)
    deepEqual(told.at(-1), { from, channel: 'a', mode: 'stream', subscribers: 1_500, ttl: 60 })
    deepEqual(node.told(10_000, 'conn', 'sub'), [])
  })

  test('nothing of connections where they are not wanted', () => {
    const node = new Node({ statsConnectionSend: false })
    node.held('* o:80', ...streams).leave()
    deepEqual(node.told(300, 'conn'), [])
  })

  test('row 189: of an item, with its receivers by transport', () => {
    const node = new Node()
    node.held('* o:80', ...streams)
    node.held('* o:80', ...streams)
    node.held('* o:80', ...polls)
    node.scene.publish({ ...content('x', { id: 'i1' }), response: response('x').response })
    node.scene.publish(itemWith({ response: { action: 'hint' } }, { id: 'i2' }))
    deepEqual(node.told(400, 'message'), [
      { from, channel: 'a', 'item-id': 'i1', count: 2, transport: 'http-stream' },
      { from, channel: 'a', 'item-id': 'i1', count: 1, transport: 'http-response' },
    ])
  })

  test('row 190: of blocks where they are counted', () => {
    const node = new Node({ messageBlockBytes: 10 })
    node.held('* o:80', ...streams)
    node.scene.publish(content('x'.repeat(26)))
    node.scene.publish(content('x'.repeat(100)))
    node.scene.publish({ ...content('x'), size: 31 })
    const blocks = node.told(400, 'message').map(fields => fields['blocks'])
    deepEqual(
      blocks.reduce<number>((sum, count) => sum + Number(count), 0),
      3 + 10 + 4,
    )
  })

  test('of a rule that has an id, in all but what is of channels', () => {
    const node = new Node()
    node.held('*,id=mine o:80', ...streams).leave()
    for (const type of ['conn', 'activity'])
      for (const fields of node.told(300, type)) equal(fields['route'], 'mine')
  })

  test('every ten seconds of each rule that has something to tell', () => {
    const node = new Node()
    const client = node.held('*,id=mine o:80', ...streams)
    node.held('*,id=mine o:80', ...streams)
    node.scene.publish(content('x'))
    const [report, ...more] = node.told(10_500, 'report')
    deepEqual(
      [report?.['route'], report?.['connections'], report?.['sent'], report?.['received']],
      ['mine', 2, 2, 1],
    )
    deepEqual([report?.['http-response-sent'], more], [0, []])
    client.leave()
    const later = node.told(120_000, 'report')
    equal(
      later.reduce((sum, { minutes }) => sum + Number(minutes), 0),
      2,
    )
    deepEqual(later.at(-1)?.['connections'], 1)
  })
})

describe('the parts of workers', () => {
  let clock: FakeClock
  let merged: MergedReports
  beforeEach(() => {
    clock = new FakeClock()
    merged = new MergedReports(clock, { from, subscriptionTtlMs: 60_000, lingerMs: 0, reportMs: 10_000 })
  })
  const sub = (subscribers: number): StatisticsItem => ({
    type: 'sub',
    fields: { channel: 'a', mode: 'stream', subscribers },
  })
  const message = (count: number): StatisticsItem => ({
    type: 'message',
    fields: { channel: 'a', 'item-id': 'i', count, transport: 'http-stream' },
  })

  test('are one number of subscribers, told where it changes', () => {
    merged.add(0, [sub(1)])
    merged.add(1, [sub(2)])
    deepEqual(
      merged.take().map(({ fields }) => fields['subscribers']),
      [3],
    )
    merged.add(1, [sub(1)])
    merged.add(0, [sub(2)])
    deepEqual(merged.take(), [])
    merged.add(0, [sub(0)])
    deepEqual(
      merged.take().map(({ fields }) => fields['subscribers']),
      [1],
    )
    merged.lost(1)
    deepEqual(
      merged.take().map(({ fields }) => fields['unavailable']),
      [true],
    )
  })

  test('are one item with the receivers of all, where they come in one moment', () => {
    merged.add(0, [message(2)])
    deepEqual(merged.take(), [])
    merged.add(1, [message(3)])
    deepEqual(
      merged.take().map(({ fields }) => fields['count']),
      [5],
    )
    deepEqual(merged.take(), [])
  })
})
