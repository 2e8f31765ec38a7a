import { deepEqual, equal, fail } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NodeData } from '../../../src/app/node.ts'
import { type ClusterNews, WorkerCluster } from '../../../src/app/worker-cluster.ts'
import type { JoinOptions } from '../../../src/cluster/membership.ts'
import type { BrokerEvents } from '../../../src/engine/owner/broker.ts'
import { privateChannel } from '../../../src/engine/words/private.ts'
import { parseChannelName } from '../../../src/engine/words/publication.ts'
import type { Log } from '../../../src/telemetry/log.ts'
import { FakeBroker } from '../../helpers/fake-broker.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

const random = { hex: () => 'ab' }
const about = { version: '1' }
const events = {} as BrokerEvents // nothing is told here

function nodeData(mode: string): NodeData {
  const values = { cluster: { mode }, engine: { idempotencyMs: 7 }, history: { workerBytesMax: 9 } }
  const namespaces = [{ pattern: '*', historySize: 3 }]
  return { values, nodeId: 'n1', ring: { kind: 'plain', workers: 3 }, namespaces } as unknown as NodeData // all that it reads
}

async function joined() {
  const clock = new FakeClock()
  const lines: unknown[] = []
  const write = (fields: object) => void lines.push(fields)
  const log = { warn: write, error: write } as unknown as Log<string> // the levels that it uses
  let options: JoinOptions | undefined
  let broker: FakeBroker | undefined
  const join = (given: JoinOptions) => {
    options = given
    given.unfit('early')
    const open = (told: BrokerEvents) => {
      broker = new FakeBroker(told)
      return broker
    }
    return Promise.resolve({ lanes: 4, open })
  }
  const cluster = await WorkerCluster.open(join, 2, nodeData('redis'), { clock, random, log, about })
  cluster.broker?.(events)
  const news: ClusterNews[] = []
  if (broker === undefined || options === undefined) throw new Error('nobody joined')
  return { clock, cluster, broker, options, news, lines, tell: (what: ClusterNews) => void news.push(what) }
}

/** Nothing is away, and that was told. */
async function reached() {
  const scene = await joined()
  scene.cluster.tellBy(scene.tell)
  scene.news.length = 0
  return scene
}

describe('the cluster in a worker', () => {
  test('is nothing where the node stands alone', async () => {
    const join = () => Promise.reject(new Error('joined'))
    const log = {} as Log<string> // nothing is said
    const cluster = await WorkerCluster.open(join, 0, nodeData('solo'), {
      clock: new FakeClock(),
      random,
      log,
      about,
    })
    equal(cluster.broker, undefined)
    cluster.tellBy(() => {
      throw new Error('told')
    })
    let isClosed = false
    cluster.close(() => {
      isClosed = true
    })
    equal(isClosed, true)
  })

  test('is joined as this start of the node and this worker', async () => {
    const { options } = await joined()
    const { node, slot, workers, idempotencyMs, historyBytesMax, namespaceOf } = options
    deepEqual(options.about, about)
    deepEqual([node, slot, workers, idempotencyMs, historyBytesMax], ['n1', 2, 3, 7, 9])
    equal(namespaceOf(parseChannelName('news') ?? fail()).historySize, 3)
  })

  test('tells what is the case, and whenever it changes; what was found before anybody listened too', async () => {
    const { clock, cluster, broker, options, news, tell } = await joined()
    broker.away = { sinceMs: 0, reason: 'not yet' }
    clock.advance(1_000)
    cluster.tellBy(tell)
    deepEqual(news.splice(0), [
      { type: 'unfit', text: 'early' },
      { type: 'broker', outage: { sinceMs: 0, reason: 'not yet', isWhole: true } },
    ])
    clock.advance(10_000)
    deepEqual(news, [])
    broker.away = undefined
    clock.advance(100)
    broker.away = { sinceMs: clock.now(), reason: 'cut' }
    clock.advance(100)
    // As if it had been back between two looks.
    broker.away = { sinceMs: clock.now(), reason: 'cut' }
    clock.advance(100)
    options.unfit('late')
    deepEqual(news, [
      { type: 'broker', outage: undefined },
      { type: 'broker', outage: { sinceMs: 11_100, reason: 'cut', isWhole: true } },
      { type: 'broker', outage: { sinceMs: 11_200, reason: 'cut', isWhole: true } },
      { type: 'unfit', text: 'late' },
    ])
  })

  test('says which share of the broker is away where some of it is reached', async () => {
    const { clock, broker, options, news } = await reached()
    clock.advance(1_000)
    options.notice('broker-away', { lane: 1, reason: 'cut' })
    broker.upLanes = 3
    clock.advance(500)
    options.notice('broker-away', { lane: 2, reason: 'refused' })
    broker.upLanes = 2
    clock.advance(100)
    options.notice('broker-back', { lane: 2 })
    broker.upLanes = 4
    clock.advance(100)
    deepEqual(news, [
      { type: 'broker', outage: { sinceMs: 1_000, reason: '1 of its 4 parts: cut', isWhole: false } },
      { type: 'broker', outage: { sinceMs: 1_000, reason: '2 of its 4 parts: refused', isWhole: false } },
      { type: 'broker', outage: undefined },
    ])
  })

  test('logs what must not happen, with the group of a private channel alone', async () => {
    const { options, lines } = await reached()
    options.notice('broker-differs', { channel: 'news', next: 5 })
    options.notice('broker-set-back', { channel: privateChannel('mail', 'somebody'), next: 6 })
    options.notice('envelope-unreadable', { channel: 'news', why: 'later' })
    deepEqual(lines, [
      { code: 'broker-differs', channel: 'news', next: 5 },
      { code: 'broker-set-back', group: 'mail', next: 6 },
      { code: 'envelope-unreadable', channel: 'news', why: 'later' },
    ])
  })

  test('is left once, when the broker has back what was held of it', async () => {
    const { clock, cluster, broker, news } = await reached()
    let left = 0
    cluster.close(() => left++)
    broker.away = { sinceMs: 0, reason: 'closed' }
    clock.advance(1_000)
    deepEqual([left, broker.isClosed, news], [0, true, []])
    broker.closed()
    clock.advance(10_000)
    equal(left, 1)
    cluster.close(() => left++)
    equal(left, 2)
  })

  test('is left in time where that takes too long', async () => {
    const { clock, cluster, broker } = await reached()
    let left = 0
    cluster.close(() => left++)
    clock.advance(1_999)
    equal(left, 0)
    clock.advance(1)
    broker.closed()
    equal(left, 1)
  })
})
