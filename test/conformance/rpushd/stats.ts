// Words for rows about statistics: requests, and answers in each rendering. Numbers that time or memory decide stand
// as `#`, on both sides.
import type { ExpectedAnswer } from '../words.ts'
import { answer, bearer, request, type Send } from './vocabulary.ts'

/** By name; one that is not given is 0. */
type Counts = Partial<Record<(typeof counted)[number], number>>

/** As listed: name and subscribers. */
type Listed = readonly (readonly [name: string, subscribers: number])[]

const counted = [
  'active_channels',
  'retained_channels',
  'active_stream_connections',
  'active_subscribers',
  'stream_connections_total',
  'publish_requests_total',
  'published_bytes_total',
  'auth_failures_total',
] as const

const repository = 'https://github.com/SoftCreatRMedia/rpushd'

export function stats(query = '', options: Parameters<typeof request>[3] = {}): Send {
  return request('GET', `/api/stats${query}`, undefined, { headers: [['authorization', bearer]], ...options })
}

function statsAnswer(type: string, body: string): ExpectedAnswer {
  const headers = [
    ['content-type', `${type}; charset=utf-8`],
    ['cache-control', 'no-cache, no-store, must-revalidate, no-transform'],
    ['pragma', 'no-cache'],
    ['expires', '0'],
  ] as const
  return { ...answer(200, body, headers), mask: maskStats }
}

export function statsText(counts: Counts = {}, listed: Listed = []): ExpectedAnswer {
  const lines = counted.map(name => `${name}: ${counts[name] ?? 0}`)
  const list = listed.map(([name, subscribers]) => `- ${name} | subscribers=${subscribers} | idle_seconds=#`)
  const channels =
    list.length === 0
      ? ['channels: hidden (use ?verbose=1 to include channel details)']
      : ['channels:', ...list]
  const head = ['rpushd stats', 'version: 1.0.3', `repository: ${repository}`]
  const times = ['started_at: #', 'uptime_seconds: #']
  return statsAnswer(
    'text/plain',
    [...head, ...times, ...lines, 'memory_rss_bytes: #', ...channels].join('\n'),
  )
}

/** The head of an answer to HEAD; the length is that of the text. */
export const statsHead: ExpectedAnswer = { ...statsText(), body: '' }

export function statsJson(counts: Counts = {}, listed: Listed = []): ExpectedAnswer {
  const of = (name: (typeof counted)[number]) => `"${name}":${counts[name] ?? 0}`
  const list = listed.map(
    ([name, subscribers]) => `{"idle_seconds":#,"name":"${name}","subscribers":${subscribers}}`,
  )
  const members = [
    of('active_channels'),
    of('active_stream_connections'),
    of('active_subscribers'),
    of('auth_failures_total'),
    `"channels":[${list}]`,
    '"memory_rss_bytes":#',
    of('publish_requests_total'),
    of('published_bytes_total'),
    of('retained_channels'),
    `"repository_url":"${repository}"`,
    '"started_at":#',
    of('stream_connections_total'),
    '"uptime_seconds":#',
    '"version":"1.0.3"',
  ]
  return statsAnswer('application/json', `{${members}}`)
}

export function statsXml(counts: Counts = {}, listed: Listed = []): ExpectedAnswer {
  const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
  const numbers = counted.map(name => `<${camel(name)}>${counts[name] ?? 0}</${camel(name)}>`)
  const list = listed.map(
    ([name, subscribers]) =>
      `<channel><name>${name}</name><subscribers>${subscribers}</subscribers><idleSeconds>#</idleSeconds></channel>`,
  )
  return statsAnswer(
    'application/xml',
    `<?xml version="1.0" encoding="UTF-8"?>\n<stats><version>1.0.3</version><repositoryUrl>${repository}</repositoryUrl><startedAt>#</startedAt><uptimeSeconds>#</uptimeSeconds>${numbers.join('')}<memoryRssBytes>#</memoryRssBytes><channels>${list.join('')}</channels></stats>`,
  )
}

/** A row lasts less than ten seconds, and so a channel of its own is idle for one digit. */
function maskStats(body: string): string {
  return body
    .replace(/^((?:started_at|uptime_seconds|memory_rss_bytes): )\d+$/gm, '$1#')
    .replace(/("(?:started_at|uptime_seconds|memory_rss_bytes)":)\d+\b/g, '$1#')
    .replace(/(<(startedAt|uptimeSeconds|memoryRssBytes)>)\d+(?=<\/\2>)/g, '$1#')
    .replace(/(idle_seconds=|"idle_seconds":|<idleSeconds>)\d\b/g, '$1#')
}
