import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { labels, labelsOf } from '../../../src/admin/metric.ts'
import { createMetricTable, metricOf } from '../../../src/admin/metric-table.ts'
import { exposition, undescribedPrefix } from '../../../src/admin/metrics.ts'
import { metricReference } from '../../../src/admin/reference.ts'
import { type NodeStatus, statusJson } from '../../../src/admin/status.ts'
import { frontends } from '../../../src/app/worker.ts'
import { ringMetrics } from '../../../src/ring/metrics.ts'
import { Bins } from '../../../src/std/bins.ts'
import type { WorkerStatistics } from '../../../src/telemetry/statistics.ts'
import { readExposition } from '../../helpers/exposition.ts'

const protocolRows = [...frontends.flatMap(({ metrics }) => metrics ?? []), ...ringMetrics]
const metricTable = createMetricTable(protocolRows)

const nothing: WorkerStatistics = {
  hub: {},
  shard: {},
  router: {},
  traffic: {},
  offload: {},
  protocols: new Map(),
  admin: {},
  listeners: new Map(),
  links: new Map(),
}

const status: NodeStatus = {
  startedUnixMs: 1_700_000_000_500,
  uptimeMs: 1_500,
  workersWanted: 2,
  serving: [0],
  draining: false,
  primary: { started: 3, retired: 1 },
  cluster: { mode: 'solo' },
  workers: new Map([
    [
      1,
      {
        ...nothing,
        hub: { subscribers: 2, 'closed.slow': 4, 'closed.gap': 0 },
        listeners: new Map([['one shard', { connections: 7 }]]),
      },
    ],
    [
      0,
      {
        ...nothing,
        hub: { subscribers: 1 },
        protocols: new Map([['one', { streams: 5, 'odd.newKey': 8 }]]),
        links: new Map([[1, { bytes: 9 }]]),
      },
    ],
  ]),
}

describe('the table of metrics', () => {
  test('has legal names, each once', () => {
    for (const { name } of metricTable) match(name, /^(?:ringcast|process)(?:_[a-z][a-z0-9]*)+$/)
    equal(new Set(metricTable.map(({ name }) => name)).size, metricTable.length)
    equal(new Set(metricTable.map(({ source, key }) => `${source} ${key}`)).size, metricTable.length)
    deepEqual(
      metricTable.filter(({ name }) => name.startsWith(undescribedPrefix)),
      [],
    )
  })

  test('has one row where several front-ends count the same, and all of them say the same of it', () => {
    const byKey = Map.groupBy(protocolRows, ([key]) => key)
    ok([...byKey.values()].some(rows => rows.length > 1))
    for (const [key, rows] of byKey) {
      deepEqual(new Set(rows.map(row => JSON.stringify(row))).size, 1, key)
      equal(metricTable.filter(row => row.source === 'protocol' && row.key === key).length, 1, key)
    }
  })

  test('has counters in _total and nothing else there', () => {
    for (const { name, type } of metricTable) equal(type === 'counter', name.endsWith('_total'), name)
  })

  test('has base units at the end of a name only, and no suffix that a format reserves', () => {
    for (const { name } of metricTable) {
      const stem = name.replace(/_total$/, '')
      ok(!/_(?:ms|milliseconds|kb|mb|minutes|percent|ratio_percent)(?:_|$)/.test(name), name)
      ok(!/_(?:bytes|seconds)_/.test(stem), name)
      ok(!/_(?:count|sum|bucket|created)$/.test(stem), name)
    }
  })

  test('has statistics of bytes and milliseconds under names with their unit', () => {
    for (const { name } of metricTable.filter(row => /(?<!Over)(?:^b|B)ytes$/.test(row.key)))
      match(name, /_bytes(?:_total)?$/)
    for (const { key, name, scale } of metricTable) {
      const isOfMs = /Ms(?:\.le\.\*)?$/.test(key)
      equal(isOfMs, scale === 0.001, name)
      equal(isOfMs, /_seconds(?:_total)?$/.test(name), name)
    }
  })

  test('has few labels, and help in one sentence', () => {
    const bounded = ['worker', 'protocol', 'listener', 'from', 'to', 'reason', 'le', 'version']
    for (const metric of metricTable) {
      for (const label of labelsOf(metric)) ok(bounded.includes(label), metric.name)
      match(metric.help, /^[A-Z0-9][^\n|"\\]*\.$/, metric.name)
    }
    for (const own of Object.values(labels)) for (const label of own) ok(bounded.includes(label))
  })

  test('finds a star’s reason, and an exact key before it', () => {
    deepEqual(metricOf(metricTable, 'hub', 'closed.owner-lost')?.reason, 'owner-lost')
    equal(metricOf(metricTable, 'hub', 'closed'), undefined)
    equal(metricOf(metricTable, 'hub', 'publications'), undefined)
  })
})

describe('the exposition', () => {
  test('shows every number once, by worker', async () => {
    const { text, contentType } = await exposition(metricTable, status, '1.2.3', {
      cpuMs: 250,
      startedUnixMs: 1_700_000_000_500,
    })
    match(contentType, /^text\/plain; version=0\.0\.4/)
    const families = readExposition(text)
    const values = (name: string) => families.get(name)?.samples
    deepEqual(values('ringcast_build_info'), new Map([['version="1.2.3"', 1]]))
    deepEqual(values('ringcast_uptime_seconds'), new Map([['', 1.5]]))
    deepEqual(values('ringcast_workers_serving'), new Map([['', 1]]))
    deepEqual(values('ringcast_workers_retired_total'), new Map([['', 1]]))
    deepEqual(values('process_cpu_seconds_total'), new Map([['', 0.25]]))
    deepEqual(values('process_start_time_seconds'), new Map([['', 1_700_000_000.5]]))
    const subscribers = [
      ['worker="0"', 1],
      ['worker="1"', 2],
    ] as const
    deepEqual([...(values('ringcast_hub_subscribers') ?? [])], subscribers)
    const closed = [
      ['worker="1",reason="slow"', 4],
      ['worker="1",reason="gap"', 0],
    ] as const
    deepEqual(values('ringcast_hub_subscribers_closed_total'), new Map(closed))
    deepEqual(values('ringcast_net_connections'), new Map([['worker="1",listener="one shard"', 7]]))
    deepEqual(values('ringcast_link_sent_bytes_total'), new Map([['from="0",to="1"', 9]]))
    deepEqual(values('ringcast_streams'), new Map([['worker="0",protocol="one"', 5]]))
  })

  test('takes a front-end, whatever it is called, for no part of ours', async () => {
    const named = { ...nothing, protocols: new Map([['link to 1', { streams: 5 }]]) }
    const { text } = await exposition(metricTable, { ...status, workers: new Map([[0, named]]) }, '1.2.3', {})
    deepEqual(
      readExposition(text).get('ringcast_streams')?.samples,
      new Map([['worker="0",protocol="link to 1"', 5]]),
    )
  })

  test('shows what its row is not for under another name, and all the rest', async () => {
    const rows = createMetricTable([
      ['fallen', 'fallen_total', 'A counter that fell.'],
      ['streams', 'admin_refusals_total', 'A name that is taken.'],
    ])
    const counts = new Map([['one', { fallen: -1, streams: 5 }]])
    const workers = new Map([[0, { ...nothing, admin: { 'refusals.route-unknown': 3 }, protocols: counts }]])
    const families = readExposition((await exposition(rows, { ...status, workers }, '1.2.3', {})).text)
    const values = (name: string) => [...(families.get(name)?.samples ?? [])]
    deepEqual(values(`${undescribedPrefix}protocol_fallen`), [['worker="0",protocol="one"', -1]])
    deepEqual(values('ringcast_admin_refusals_total'), [['worker="0",protocol="one"', 5]])
    deepEqual(values(`${undescribedPrefix}admin_refusals_route_unknown`), [['worker="0"', 3]])
    deepEqual(values('ringcast_uptime_seconds'), [['', 1.5]])
  })

  test('shows a histogram by worker, with each bucket those below it, in seconds', async () => {
    const times = (tookMs: readonly number[]) => {
      const bins = new Bins([0.5, 20])
      for (const ms of tookMs) bins.note(ms)
      return { ...nothing, shard: bins.statistics('broker.appendMs.le') }
    }
    const workers = new Map([
      [0, times([0.25, 0.5, 20, 24.25])],
      [1, times([])],
    ])
    const { text } = await exposition(metricTable, { ...status, workers }, '1.2.3', {})
    const name = 'ringcast_broker_append_round_trip_seconds'
    const family = readExposition(text).get(name)
    equal(family?.type, 'histogram')
    deepEqual([...(family?.samples ?? [])].slice(0, 5), [
      ['_bucket worker="0",le="0.0005"', 2],
      ['_bucket worker="0",le="0.02"', 3],
      ['_bucket worker="0",le="+Inf"', 4],
      ['_sum worker="0"', 0.045],
      ['_count worker="0"', 4],
    ])
    deepEqual([...(family?.samples ?? [])].at(-1), ['_count worker="1"', 0])
    ok(!text.includes(undescribedPrefix))
  })

  test('loses nothing that no row describes', async () => {
    const { text } = await exposition(metricTable, status, '1.2.3', {})
    const family = readExposition(text).get(`${undescribedPrefix}protocol_odd_new_key`)
    deepEqual(family, { type: 'gauge', samples: new Map([['worker="0",protocol="one"', 8]]) })
  })
})

test('the same numbers as JSON have a name for each part of a worker', () => {
  const { workers } = JSON.parse(statusJson(status, '1.2.3'))
  deepEqual(Object.keys(workers[0]), [
    'hub',
    'shard',
    'router',
    'traffic',
    'offload',
    'one',
    'admin',
    'link to 1',
  ])
  deepEqual(workers[0]['link to 1'], { bytes: 9 })
  deepEqual(workers[1]['net one shard'], { connections: 7 })
})

test('a node that is joined to others says whether it reaches their broker', async () => {
  const away = { workers: 1, forMs: 2_500, reason: 'cut', isTooLong: false }
  const shown = async (cluster: NodeStatus['cluster']) => {
    const { text } = await exposition(metricTable, { ...status, cluster }, '1', {})
    return text.split('\n').filter(line => line.startsWith('ringcast_broker_'))
  }
  deepEqual(await shown({ mode: 'solo' }), [])
  deepEqual(await shown({ mode: 'redis' }), ['ringcast_broker_up 1', 'ringcast_broker_away_seconds 0'])
  deepEqual(await shown({ mode: 'redis', away }), [
    'ringcast_broker_up 0',
    'ringcast_broker_away_seconds 2.5',
  ])
  const { cluster } = JSON.parse(
    statusJson({ ...status, cluster: { mode: 'redis', nodeId: 'n', away } }, '1'),
  )
  deepEqual(cluster, { mode: 'redis', nodeId: 'n', away })
})

test('README lists the table', () => {
  const page = readFileSync(new URL('../../../src/admin/README.md', import.meta.url), 'utf8')
  const start = page.indexOf('| metric |')
  const found = page.slice(start, page.indexOf('\n\n', start) < 0 ? undefined : page.indexOf('\n\n', start))
  equal(
    found.trimEnd(),
    metricReference(createMetricTable([...protocolRows, ...ringMetrics])),
    'the table of metrics in src/admin/README.md is stale',
  )
})
