// Every number of a broker has its row, and every row its number.
import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { brokerMetricRows } from '../../../src/admin/broker-metric-rows.ts'
import { createMetricTable, metricOf } from '../../../src/admin/metric-table.ts'
import { ClusterBroker } from '../../../src/cluster/broker.ts'
import type { BrokerEvents } from '../../../src/engine/owner/broker.ts'
import { systemClock } from '../../../src/std/clock.ts'
import { redisCarrier } from '../../helpers/cluster/redis-carrier.ts'
import { freePort } from '../../helpers/proxies.ts'

test('what a broker over Redis counts is described, and nothing else is', async t => {
  // Nobody listens there.
  const carrier = redisCarrier({ ports: [await freePort()], node: 'metrics' })
  const limits = {
    timeoutMs: 1_000,
    acks: 'master',
    publishBytesMax: 1,
    lingerMs: 1,
    idempotencyMs: 1,
    historyBytesMax: 1,
    presence: 'cluster',
  } as const
  const namespaceOf = () => ({ historySize: 0, historyTtlMs: 1, historyBytesMax: 0 })
  const broker = new ClusterBroker(
    { clock: systemClock, carrier, limits, slot: 0, workers: 1, namespaceOf },
    {} as BrokerEvents, // nothing is followed
  )
  t.after(() => broker.close())
  const table = createMetricTable([])
  const keys = Object.keys(broker.statistics())
  const found = keys.map(key => metricOf(table, 'shard', key)?.metric)
  deepEqual(
    keys.filter((_, index) => found[index] === undefined),
    [],
  )
  deepEqual(
    brokerMetricRows.filter(row => !found.includes(row)).map(({ key }) => key),
    [],
  )
})
