// Statistics without a socket: what is asked, how workers' parts become one, and the bytes of each rendering.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mergeReports, parseStatsQuery, type StatsReport } from '../../../src/frontends/rpushd/stats.ts'
import { type StatsView, statsReply } from '../../../src/frontends/rpushd/stats-rendering.ts'

const on = { ok: true, mode: 'text', verbose: true } as const
const off = { ok: true, mode: 'text', verbose: false } as const
const repeated = (name: string) => ({ ok: false, detail: `duplicate field \`${name}\`` }) as const

const queries = [
  { query: '', expect: off },
  { query: 'mode=text', expect: off },
  { query: 'mode=json', expect: { ...off, mode: 'json' } },
  { query: 'mode=xml&verbose=1', expect: { ...on, mode: 'xml' } },
  { query: 'mode=', expect: { ...off, mode: undefined } },
  { query: 'mode', expect: { ...off, mode: undefined } },
  { query: 'mode=JSON', expect: { ...off, mode: undefined } },
  { query: 'mode=json+', expect: { ...off, mode: undefined } },
  { query: 'mode=html', expect: { ...off, mode: undefined } },
  { query: '%6dode=%6Ason', expect: { ...off, mode: 'json' } },
  { query: 'Mode=json', expect: off },
  { query: '?mode=json', expect: off },
  { query: '&&mode=json&', expect: { ...off, mode: 'json' } },
  { query: 'verbose=1', expect: on },
  { query: 'verbose=true', expect: on },
  { query: 'verbose=yes', expect: on },
  { query: 'verbose=on', expect: on },
  { query: 'verbose=TRUE', expect: off },
  { query: 'verbose=2', expect: off },
  { query: 'verbose=', expect: off },
  { query: 'verbose', expect: off },
  { query: 'x=1&x=2&mode=text', expect: off },
  { query: 'mode=json&mode=json', expect: repeated('mode') },
  { query: 'mode=json&%6Dode=xml', expect: repeated('mode') },
  { query: 'mode=&mode=', expect: repeated('mode') },
  { query: 'verbose=0&verbose=1', expect: repeated('verbose') },
  { query: 'verbose=1&mode=a&mode=b&verbose=1', expect: repeated('verbose') },
]

for (const { query, expect } of queries) {
  test(`query ${query === '' ? 'without anything' : query}`, () => deepEqual(parseStatsQuery(query), expect))
}

function reportOf(
  channels: readonly (readonly [name: string, subscribers: number, idleMs: number])[],
  rest: Partial<StatsReport> = {},
): StatsReport {
  return {
    uptimeMs: 0,
    streams: 0,
    streamsOpened: 0,
    publishes: 0,
    publishedBytes: 0,
    bearersRefused: 0,
    names: channels.map(([name]) => name).join('\n'),
    subscribers: Uint32Array.from(channels, ([, subscribers]) => subscribers),
    idleMs: Float64Array.from(channels, ([, , idleMs]) => idleMs),
    ...rest,
  }
}

describe('parts of several workers', () => {
  test('add up; a channel that several know counts once, with the least idleness', () => {
    const parts = [
      reportOf(
        [
          ['a', 2, 9_000],
          ['b', 0, 1_999],
        ],
        { uptimeMs: 5_100, streams: 2, streamsOpened: 4, publishes: 1 },
      ),
      reportOf(
        [
          ['b', 1, 3_000],
          ['a', 3, 8_500],
          ['c', 0, 0],
        ],
        { uptimeMs: 4_900, streams: 4, publishedBytes: 7 },
      ),
      reportOf([], { streamsOpened: 1, publishes: 2, bearersRefused: 3 }),
    ]
    const merged = mergeReports(parts, true)
    deepEqual(mergeReports(parts, false), { ...merged, channels: [] })
    deepEqual(merged, {
      uptimeSeconds: 5,
      activeChannels: 2,
      retainedChannels: 3,
      streams: 6,
      subscribers: 6,
      streamsOpened: 5,
      publishes: 3,
      publishedBytes: 7,
      bearersRefused: 3,
      channels: [
        { name: 'a', subscribers: 5, idleSeconds: 8 },
        { name: 'b', subscribers: 1, idleSeconds: 1 },
        { name: 'c', subscribers: 0, idleSeconds: 0 },
      ],
    })
  })

  test('may be none, where all workers are late', () => {
    const { uptimeSeconds, channels } = mergeReports([], true)
    deepEqual([uptimeSeconds, channels], [0, []])
  })
})

describe('renderings', () => {
  const report = reportOf(
    [
      ['b', 1, 0],
      ['B', 1, 2_000],
      ['a', 0, 90_000],
      ['c', 2, 0],
    ],
    {
      uptimeMs: 842_000,
      streams: 3,
      streamsOpened: 24,
      publishes: 18,
      publishedBytes: 2_914,
    },
  )
  const view: StatsView = {
    stats: mergeReports([report], true),
    startedUnixMs: 1_776_181_200_999,
    rssBytes: 7_348_224,
  }
  const bodyOf = (mode: 'text' | 'json' | 'xml', changes: Partial<StatsView> = {}) =>
    statsReply(mode, { ...view, ...changes }).body

  const text = [
    'rpushd stats',
    'version: 1.0.3',
    'repository: https://github.com/SoftCreatRMedia/rpushd',
    'started_at: 1776181200',
    'uptime_seconds: 842',
    'active_channels: 3',
    'retained_channels: 4',
    'active_stream_connections: 3',
    'active_subscribers: 4',
    'stream_connections_total: 24',
    'publish_requests_total: 18',
    'published_bytes_total: 2914',
    'auth_failures_total: 0',
    'memory_rss_bytes: 7348224',
  ].join('\n')
  const hidden = '\nchannels: hidden (use ?verbose=1 to include channel details)'

  test('text hides channels unless it is asked for them, and where there are none', () => {
    equal(bodyOf('text', { stats: mergeReports([report], false) }), text + hidden)
    equal(String(bodyOf('text', { stats: mergeReports([], true) })).endsWith(hidden), true)
  })

  test('text lists the channel with most subscribers first, then by name', () => {
    const list = [
      '- c | subscribers=2 | idle_seconds=0',
      '- B | subscribers=1 | idle_seconds=2',
      '- b | subscribers=1 | idle_seconds=0',
      '- a | subscribers=0 | idle_seconds=90',
    ]
    equal(bodyOf('text'), [text, 'channels:', ...list].join('\n'))
  })

  test('JSON has its members in the order of the original', () => {
    const stats = mergeReports([reportOf([['a', 1, 0]])], true)
    equal(
      bodyOf('json', { stats }),
      '{"active_channels":1,"active_stream_connections":0,"active_subscribers":1,"auth_failures_total":0,"channels":[{"idle_seconds":0,"name":"a","subscribers":1}],"memory_rss_bytes":7348224,"publish_requests_total":0,"published_bytes_total":0,"retained_channels":1,"repository_url":"https://github.com/SoftCreatRMedia/rpushd","started_at":1776181200,"stream_connections_total":0,"uptime_seconds":0,"version":"1.0.3"}',
    )
  })

  test('XML is a declaration and one line', () => {
    const stats = mergeReports([reportOf([['a', 1, 0]])], true)
    equal(
      bodyOf('xml', { stats }),
      '<?xml version="1.0" encoding="UTF-8"?>\n<stats><version>1.0.3</version><repositoryUrl>https://github.com/SoftCreatRMedia/rpushd</repositoryUrl><startedAt>1776181200</startedAt><uptimeSeconds>0</uptimeSeconds><activeChannels>1</activeChannels><retainedChannels>1</retainedChannels><activeStreamConnections>0</activeStreamConnections><activeSubscribers>1</activeSubscribers><streamConnectionsTotal>0</streamConnectionsTotal><publishRequestsTotal>0</publishRequestsTotal><publishedBytesTotal>0</publishedBytesTotal><authFailuresTotal>0</authFailuresTotal><memoryRssBytes>7348224</memoryRssBytes><channels><channel><name>a</name><subscribers>1</subscribers><idleSeconds>0</idleSeconds></channel></channels></stats>',
    )
  })

  test('memory that the system does not tell is unknown', () => {
    const bodies = (['text', 'json', 'xml'] as const).map(mode =>
      String(bodyOf(mode, { rssBytes: undefined })),
    )
    const [asText = '', asJson = '', asXml = ''] = bodies
    equal(asText.includes('\nmemory_rss_bytes: unknown\n'), true)
    equal(asJson.includes('"memory_rss_bytes":null,'), true)
    equal(asXml.includes('<memoryRssBytes></memoryRssBytes>'), true)
  })
})
