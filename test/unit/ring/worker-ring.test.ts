// What nodes of a ring ask one another, without a socket between them: answered through, in order, within bounds; and what
// a room that is asked refuses.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { InspectOutcome } from '../../../src/engine/owner/inspection.ts'
import { parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import { privateChannel } from '../../../src/engine/words/private.ts'
import type { WholeAnswer, WholeRequest } from '../../../src/net/outgoing/whole-call.ts'
import { nodesOf, published, ringOf, Site, settings } from './given.ts'

let site: Site

beforeEach(() => {
  site = new Site()
})

const failed = (kind: 'failed' | 'crowded'): WholeAnswer => ({
  ok: false,
  kind,
  code: 'ECONNREFUSED',
  message: 'connect ECONNREFUSED',
})

function statistic(node: number, name: string): number {
  return site.rooms[node]?.statistics()[name] ?? Number.NaN
}

describe('a publish to a channel of another node', () => {
  test('is answered through, whatever its owner says', () => {
    const channel = site.channelOf(1)
    const unplaced = { fate: 'held', subscribers: 2, duplicate: false } as const
    for (const outcome of [
      published,
      { ...published, duplicate: true },
      unplaced,
      'overloaded',
      'draining',
      'not-allowed',
    ] as const) {
      site.said.outcome = outcome
      const outcomes = site.publish(0, channel)
      site.settle()
      deepEqual(outcomes, [outcome])
    }
  })

  test('comes to its owner whole', () => {
    const channel = site.channelOf(1)
    const draft = {
      channel,
      content: { kind: 'json', payload: new Uint8Array(Buffer.from('{"n":1}')) },
      meta: { id: 'i', event: 'e' },
      renderings: { loud: { text: 'X', bytes: new Uint8Array([1, 2]) } },
      via: 'test',
      idempotencyKey: 'k1',
      sequence: { id: 'i2', after: 'i1' },
    } as const
    site.ring(0).publish(draft, () => {})
    site.settle()
    const [taken] = site.taken
    deepEqual(JSON.parse(JSON.stringify(taken)), JSON.parse(JSON.stringify(draft)))
  })

  test('goes with all of its turn in one request, and what comes meanwhile in the next, in order', () => {
    const channel = site.channelOf(1)
    const outcomes = ['1', '2', '3'].map(text => site.publish(0, channel, text))
    site.clock.turn()
    equal(site.requests.length, 1)
    const later = ['4', '5'].map(text => site.publish(0, channel, text))
    site.clock.turn()
    equal(site.requests.length, 1, 'one is under way')
    site.settle()
    deepEqual(
      site.taken.map(({ content }) => Buffer.from(content.payload).toString()),
      ['1', '2', '3', '4', '5'],
    )
    deepEqual([...outcomes, ...later].flat().length, 5)
    deepEqual([statistic(0, 'requestsSent'), statistic(0, 'questionsSent')], [2, 5])
    deepEqual([statistic(1, 'requestsTaken'), statistic(1, 'questionsTaken')], [2, 5])
  })

  test('of no size goes with others beyond a megabyte', () => {
    const channel = site.channelOf(1)
    for (let index = 0; index < 3; index++) site.publish(0, channel, 'x'.repeat(600_000))
    site.settle()
    equal(statistic(0, 'requestsSent'), 3)
  })

  test('is refused once too much waits, and counted', () => {
    site = new Site(['a', 'b'], { waitingBytesMax: 65_536 })
    const channel = site.channelOf(1)
    const outcomes = Array.from({ length: 3 }, () => site.publish(0, channel, 'x'.repeat(32_000)))
    site.settle()
    deepEqual(outcomes, [[published], [published], ['overloaded']])
    equal(statistic(0, 'waitingExceeded'), 1)
    // A single one may be larger, up to what a request may have.
    const [single, never] = [
      site.publish(0, channel, 'x'.repeat(70_000)),
      site.publish(0, channel, 'x'.repeat(settings.bodyBytesMax)),
    ]
    site.settle()
    deepEqual([single, never], [[published], ['overloaded']])
  })

  test('has an unknown fate where its owner does not answer, or in another way', () => {
    const channel = site.channelOf(1)
    const answers: readonly (readonly [WholeAnswer, string])[] = [
      [failed('failed'), 'owner-lost'],
      [failed('crowded'), 'overloaded'],
      [{ ok: true, status: 200, rawHeaders: [], body: Buffer.from('nonsense') }, 'owner-lost'],
      [{ ok: true, status: 200, rawHeaders: [], body: Buffer.from([0x90]) }, 'owner-lost'],
      [{ ok: true, status: 500, rawHeaders: [], body: Buffer.alloc(0) }, 'owner-lost'],
    ]
    for (const [answer, reason] of answers) {
      const outcomes = site.publish(0, channel)
      site.clock.turn()
      for (const { answer: give } of site.requests.splice(0)) give(answer)
      deepEqual(outcomes, [reason])
    }
    equal(statistic(0, 'requestsFailed.away'), 5)
    equal(site.lines.filter(({ code }) => code === 'ring-away').length, 1, 'told once')
    equal(statistic(0, 'nodes.away'), 1)
    site.publish(0, channel)
    site.settle()
    equal(statistic(0, 'nodes.away'), 0)
  })

  test('is owner-lost where its node leaves the list, under way or waiting', () => {
    const channel = site.channelOf(1)
    const outcomes = [site.publish(0, channel)]
    site.clock.turn()
    outcomes.push(site.publish(0, channel))
    equal(site.ring(0).pending, 2)
    equal(site.ring(0).change(ringOf(['a'], 0, 2), settings), true)
    deepEqual(outcomes.flat(), ['owner-lost', 'owner-lost'])
    equal(site.ring(0).pending, 0)
    site.settle()
    equal(site.ring(0).owns(channel), false)
  })
})

describe('a question about a channel of another node', () => {
  test('is answered by its owner', () => {
    const channel = site.channelOf(1)
    const answers: unknown[] = []
    site.ring(0).presence(channel, subscribers => answers.push(subscribers))
    const position = { epoch: parseEpoch('e1'), offset: parseOffset(8) }
    const content = { kind: 'json', payload: Buffer.from('1') } as const
    const page: InspectOutcome = {
      position,
      subscribers: 2,
      publications: [{ channel, offset: parseOffset(8), content, meta: { id: 'i' } }],
      gap: true,
      more: true,
      history: { size: 1, bytes: 600 },
      placed: position,
    }
    site.said.inspection = page
    const options = { since: { epoch: undefined, offset: parseOffset(3) }, limit: 10, id: 'i' }
    site.ring(0).inspect(channel, options, outcome => answers.push(outcome))
    site.settle()
    deepEqual(JSON.parse(JSON.stringify(answers)), JSON.parse(JSON.stringify([5, page])))
  })

  test('has no answer where the owner gives none', () => {
    const channel = site.channelOf(1)
    const answers: unknown[] = []
    site.said.subscribers = undefined
    site.said.inspection = 'owner-lost'
    site.ring(0).presence(channel, subscribers => answers.push(subscribers))
    site.ring(0).inspect(channel, { limit: 0 }, outcome => answers.push(outcome))
    site.settle()
    deepEqual(answers, [undefined, 'owner-lost'])
  })
})

describe('lists that differ', () => {
  test('publish nothing where the node that is asked does not own the channel by its own', () => {
    const channel = site.channelOf(1)
    site.ring(1).change(ringOf(['b', 'a'], 0, 2), settings)
    const owned = [0, 1, 2, 3, 4, 5]
      .map(nth => site.channelOf(1, nth))
      .find(name => site.ring(0).owns(name) === false)
    ok(site.ring(1).owns(channel) !== site.ring(0).owns(channel) || owned !== undefined)
    const refused = [...Array(20).keys()]
      .map(index => `x${index}`)
      .filter(name => site.ring(0).owns(name as never) && site.ring(1).owns(name as never))
    ok(refused.length > 0)
    const outcomes = refused.map(name => site.publish(0, name))
    site.settle()
    deepEqual(new Set(outcomes.flat()), new Set(['owner-lost']))
    equal(site.taken.length, 0)
    equal(statistic(1, 'questionsElsewhere'), refused.length)
  })

  test('by more than one generation are not answered, told in the log, and known to move', () => {
    const channel = site.channelOf(1)
    equal(site.ring(0).isMoving, false)
    site.ring(1).change(ringOf(['a', 'b'], 1, 3), settings)
    equal(site.ring(1).isMoving, true, 'it has just changed')
    const outcomes = site.publish(0, channel)
    site.settle()
    deepEqual([outcomes, site.taken.length], [['owner-lost'], 0])
    ok(site.lines.some(({ code, node }) => code === 'ring-differs' && node === 'a'))
    ok(site.lines.some(({ code, node }) => code === 'ring-differs' && node === 'b'))
    equal(statistic(0, 'requestsFailed.differs'), 1)
    equal(site.ring(0).isMoving, true, 'it was told another generation')
    site.ring(0).change(ringOf(['a', 'b'], 0, 3), settings)
    site.settle()
    site.clock.advance(60_001)
    site.settle()
    deepEqual([site.ring(0).isMoving, site.ring(1).isMoving], [false, false])
  })

  test('are found out without a publish: nodes ask one another how they are', () => {
    site.ring(1).change(ringOf(['a', 'b'], 1, 2), settings)
    site.settle()
    site.clock.advance(70_000)
    site.settle()
    equal(site.ring(0).isMoving, true)
    equal(statistic(0, 'nodes.differs'), 0, 'they answer one another still')
  })

  test('never count private channels: these are at home with their node', () => {
    for (const key of ['1', '2', '3', '4', '5', '6', '7', '8'])
      equal(site.ring(0).owns(privateChannel('g', key)), false)
  })
})

describe('a room that is asked', () => {
  /** That node 0 would send to node 1. */
  let request: WholeRequest

  beforeEach(() => {
    site.publish(0, site.channelOf(1))
    site.clock.turn()
    const [sent] = site.requests.splice(0)
    ok(sent !== undefined)
    request = sent.request
  })

  function statusOf(change: (headers: string[]) => void, more: Partial<WholeRequest> = {}): number {
    const rawHeaders = [...request.rawHeaders]
    change(rawHeaders)
    const answer = site.ask({ ...request, ...more, rawHeaders })
    ok(answer.ok)
    return answer.status
  }

  const set = (name: string, value: string) => (headers: string[]) => {
    headers[headers.indexOf(name) + 1] = value
  }

  test('refuses what no node of its list asks, each for its own reason', () => {
    const cases: readonly (readonly [number, (headers: string[]) => void, Partial<WholeRequest>?])[] = [
      [200, () => {}],
      [401, set('authorization', 'Bearer wrong')],
      [401, set('authorization', 'Bearer s3cret ')],
      [404, () => {}, { path: '/' }],
      [404, () => {}, { method: 'GET' }],
      [508, set('ringcast-from', 'b')],
      [409, set('ringcast-to', 'a')],
      [421, set('ringcast-generation', '3')],
      [400, set('ringcast-generation', '0')],
      [400, () => {}, { body: Buffer.from('x') }],
      [413, () => {}, { body: Buffer.alloc(settings.bodyBytesMax + 1) }],
    ]
    for (const [status, change, more] of cases) equal(statusOf(change, more), status)
    equal(statistic(1, 'refused.secret-wrong'), 2)
  })

  test('takes each of several secrets, and new ones from a reload on', () => {
    const [, ring] = site.rings
    ring?.change(ringOf(['a', 'b'], 1), { ...settings, secret: ['next', 's3cret'] })
    site.rooms[1]?.reload()
    deepEqual([statusOf(() => {}), statusOf(set('authorization', 'Bearer next'))], [200, 200])
    ring?.change(ringOf(['a', 'b'], 1), { ...settings, secret: ['next'] })
    site.rooms[1]?.reload()
    equal(
      statusOf(() => {}),
      401,
    )
  })

  test('is asked by nobody but the nodes of the list that it has now', () => {
    equal(nodesOf(['a', 'b']).nodes.length, 2)
    const outcomes = site.publish(1, site.channelOf(0))
    site.settle()
    deepEqual(outcomes, [published])
  })
})
