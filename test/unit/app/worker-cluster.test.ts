import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NodeData } from '../../../src/app/node.ts'
import { type ClusterNews, WorkerCluster } from '../../../src/app/worker-cluster.ts'
import type { Carrier } from '../../../src/cluster/carrier.ts'
import { type CarrierOptions, membershipOf } from '../../../src/cluster/membership.ts'
import type { BrokerEvents } from '../../../src/engine/owner/broker.ts'
import { FakeBroker } from '../../helpers/fake-broker.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

const random = { hex: () => 'ab' }
const events = {} as BrokerEvents // nothing is told here

function nodeData(mode: string): NodeData {
  const values = { cluster: { mode } }
  return { values, nodeId: 'n1', ring: { kind: 'plain', workers: 3 } } as unknown as NodeData // all that it reads
}

async function joined() {
  const clock = new FakeClock()
  let options: CarrierOptions | undefined
  let closing: (() => void)[] = []
  const carrier = { close: (done: () => void) => void closing.push(done) } as unknown as Carrier // nothing else is asked
  let broker: FakeBroker | undefined
  const join = (given: CarrierOptions) => {
    options = given
    given.notice({ code: 'broker-unfit', text: 'early' })
    return Promise.resolve(
      membershipOf(carrier, clock, told => {
        broker = new FakeBroker(told)
        return broker
      }),
    )
  }
  const cluster = await WorkerCluster.open(join, 2, nodeData('redis'), { clock, random })
  cluster.broker?.(events)
  const news: ClusterNews[] = []
  const closed = () => {
    const all = closing
    closing = []
    for (const done of all) done()
  }
  if (broker === undefined || options === undefined) throw new Error('nobody joined')
  return { clock, cluster, broker, options, news, closed, tell: (what: ClusterNews) => void news.push(what) }
}

describe('the cluster in a worker', () => {
  test('is nothing where the node stands alone', async () => {
    const join = () => Promise.reject(new Error('joined'))
    const cluster = await WorkerCluster.open(join, 0, nodeData('solo'), { clock: new FakeClock(), random })
    equal(cluster.broker, undefined)
    cluster.tellBy(() => {
      throw new Error('told')
    })
    deepEqual(cluster.statistics(), {})
    let isClosed = false
    cluster.close(() => {
      isClosed = true
    })
    equal(isClosed, true)
  })

  test('is joined as this start of the node and this worker', async () => {
    const { options, cluster } = await joined()
    const { node, slot, workers } = options
    deepEqual([node, slot, workers], ['n1', 2, 3])
    deepEqual(cluster.statistics(), { followed: 0 })
  })

  test('tells what is the case, and whenever it changes; what was found before anybody listened too', async () => {
    const { clock, cluster, broker, options, news, tell } = await joined()
    broker.away = { sinceMs: 0, reason: 'not yet' }
    clock.advance(1_000)
    cluster.tellBy(tell)
    deepEqual(news.splice(0), [
      { type: 'notice', code: 'broker-unfit', text: 'early' },
      { type: 'broker', away: { sinceMs: 0, reason: 'not yet' } },
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
    options.notice({ code: 'cluster-differs', text: 'late' })
    deepEqual(news, [
      { type: 'broker', away: undefined },
      { type: 'broker', away: { sinceMs: 11_100, reason: 'cut' } },
      { type: 'broker', away: { sinceMs: 11_200, reason: 'cut' } },
      { type: 'notice', code: 'cluster-differs', text: 'late' },
    ])
  })

  test('is left once, when the carrier gave up what it held', async () => {
    const { clock, cluster, broker, news, closed, tell } = await joined()
    cluster.tellBy(tell)
    news.length = 0
    let left = 0
    cluster.close(() => left++)
    broker.away = { sinceMs: 0, reason: 'closed' }
    clock.advance(1_000)
    deepEqual([left, broker.isClosed, news], [0, true, []])
    closed()
    clock.advance(10_000)
    equal(left, 1)
    cluster.close(() => left++)
    equal(left, 2)
  })

  test('is left in time where the carrier does not keep to its own', async () => {
    const { clock, cluster, closed } = await joined()
    let left = 0
    cluster.close(() => left++)
    clock.advance(1_999)
    equal(left, 0)
    clock.advance(1)
    closed()
    equal(left, 1)
  })
})
