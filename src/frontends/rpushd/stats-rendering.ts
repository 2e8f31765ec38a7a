// Statistics as text, JSON and XML, byte for byte as rpushd 1.0.3 writes them (README.md, Statistics). No value needs
// an escape: channel names have none of the characters, and the rest is numbers and constants.
import type { Reply } from '../../net/reply.ts'
import { noStore } from './headers.ts'
import type { ChannelStats, Stats, StatsMode } from './stats.ts'

export interface StatsView {
  readonly stats: Stats
  readonly startedUnixMs: number
  /** Of the whole process; undefined: the system does not say. */
  readonly rssBytes: number | undefined
}

/** What monitoring of the original compares with; ours is not it. */
const version = '1.0.3'
const repository = 'https://github.com/SoftCreatRMedia/rpushd'

type Fields = readonly (readonly [name: string, value: string | number | undefined])[]

export function statsReply(mode: StatsMode, view: StatsView): Reply {
  const { type, render } = renderings[mode]
  const channels = view.stats.channels.toSorted(byAudience)
  return {
    status: 200,
    headers: { 'content-type': `${type}; charset=utf-8`, ...noStore },
    body: render(fieldsOf(view), channels),
  }
}

const renderings = {
  text: { type: 'text/plain', render: renderText },
  json: { type: 'application/json', render: renderJson },
  xml: { type: 'application/xml', render: renderXml },
} as const

/** In the order of text and XML. */
function fieldsOf({ stats, startedUnixMs, rssBytes }: StatsView): Fields {
  return [
    ['version', version],
    ['repository_url', repository],
    ['started_at', Math.floor(startedUnixMs / 1_000)],
    ['uptime_seconds', stats.uptimeSeconds],
    ['active_channels', stats.activeChannels],
    ['retained_channels', stats.retainedChannels],
    ['active_stream_connections', stats.streams],
    ['active_subscribers', stats.subscribers],
    ['stream_connections_total', stats.streamsOpened],
    ['publish_requests_total', stats.publishes],
    ['published_bytes_total', stats.publishedBytes],
    ['auth_failures_total', stats.bearersRefused],
    ['memory_rss_bytes', rssBytes],
  ]
}

/** Most subscribers first, then by the bytes of the name, which is ASCII. */
function byAudience(one: ChannelStats, other: ChannelStats): number {
  return other.subscribers - one.subscribers || (one.name < other.name ? -1 : 1)
}

/** rpushd 1.0.3 calls the list hidden also where it is empty. */
function renderText(fields: Fields, channels: readonly ChannelStats[]): string {
  const label = (name: string) => (name === 'repository_url' ? 'repository' : name)
  const lines = fields.map(([name, value]) => `${label(name)}: ${value ?? 'unknown'}`)
  const list = channels.map(
    ({ name, subscribers, idleSeconds }) =>
      `- ${name} | subscribers=${subscribers} | idle_seconds=${idleSeconds}`,
  )
  const hidden = 'channels: hidden (use ?verbose=1 to include channel details)'
  return ['rpushd stats', ...lines, ...(list.length === 0 ? [hidden] : ['channels:', ...list])].join('\n')
}

function renderJson(fields: Fields, channels: readonly ChannelStats[]): string {
  const list = channels.map(({ name, subscribers, idleSeconds }) => ({
    idle_seconds: idleSeconds,
    name,
    subscribers,
  }))
  const values = new Map<string, unknown>([...fields, ['channels', list]])
  return JSON.stringify(Object.fromEntries(jsonMembers.map(name => [name, values.get(name) ?? null])))
}

/** rpushd 1.0.3: an order of its own, by name but for one pair. */
const jsonMembers = [
  'active_channels',
  'active_stream_connections',
  'active_subscribers',
  'auth_failures_total',
  'channels',
  'memory_rss_bytes',
  'publish_requests_total',
  'published_bytes_total',
  'retained_channels',
  'repository_url',
  'started_at',
  'stream_connections_total',
  'uptime_seconds',
  'version',
] as const

function renderXml(fields: Fields, channels: readonly ChannelStats[]): string {
  const element = (name: string, value: string | number) => `<${name}>${value}</${name}>`
  const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
  const list = channels.map(({ name, subscribers, idleSeconds }) =>
    element(
      'channel',
      element('name', name) + element('subscribers', subscribers) + element('idleSeconds', idleSeconds),
    ),
  )
  const elements = fields.map(([name, value]) => element(camel(name), value ?? ''))
  const root = element('stats', elements.join('') + element('channels', list.join('')))
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`
}
