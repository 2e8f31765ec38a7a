// Valid requests to the listeners of a daemon, as bytes: the material that hostile ones are made of.
import { mintHmacToken } from '../../../src/auth/hmac-token.ts'
import { adminSecret } from '../admin-client.ts'
import { secrets } from '../daemon.ts'

/** What only a smuggled publish could write to. */
export const canary = 'canary'

/** A listener that is attacked, and how one publishes there. */
export interface Aim {
  readonly name: 'rpushd' | 'admin'
  readonly publishPath: string
  readonly bearer: string
}

export const aims: readonly Aim[] = [
  { name: 'rpushd', publishPath: '/api/publish', bearer: secrets.publish },
  { name: 'admin', publishPath: '/v1/publications', bearer: adminSecret },
]

/** As it goes over the wire; text is taken as Latin-1. */
export function request(line: string, headers: string, body = ''): string {
  return `${line} HTTP/1.1\r\nhost: 127.0.0.1\r\n${headers}\r\n${body}`
}

/** A publish that is whole and valid by itself. */
export function publish({ name, publishPath, bearer }: Aim, channel: string, number: number): string {
  const member = name === 'rpushd' ? 'message' : 'data'
  const body = JSON.stringify({ channel, [member]: number })
  const headers = `content-type: application/json\r\nauthorization: Bearer ${bearer}\r\ncontent-length: ${body.length}\r\n`
  return request(`POST ${publishPath}`, headers, body)
}

function json(path: string, body: string, headers = ''): string {
  return request(
    `POST ${path}`,
    `content-type: application/json\r\n${headers}content-length: ${body.length}\r\n`,
    body,
  )
}

const token = mintHmacToken(secrets.subscribe, {
  aud: 'rpushd',
  channel: 'noise',
  exp: 4_102_444_800,
  scope: 'subscribe',
})

/** Every kind of request that the listener knows, and what its handlers look at. */
export function validRequests(aim: Aim): readonly string[] {
  const bearer = `authorization: Bearer ${aim.bearer}\r\n`
  if (aim.name === 'rpushd') {
    return [
      publish(aim, 'noise', 1),
      json('/api/stream/noise', JSON.stringify({ token, since: '' })),
      json('/api/stream/n%6Fise', JSON.stringify({ token: `${token}x` })),
      json('/api/publish', `{"channel":"noise","message":${'['.repeat(200)}`, bearer),
      json('/api/publish', `{"channel":"noise","message":"${'x'.repeat(17_000)}"}`, bearer),
      request('GET /api/stats?mode=json&verbose=true', bearer),
      request('HEAD /healthz', 'accept: */*\r\n'),
    ]
  }
  return [
    publish(aim, 'noise', 1),
    json(
      '/v1/publications',
      '[{"channel":"noise","text":"a","idempotency_key":"k"},{"channel":"noise","base64":"AA=="}]',
      bearer,
    ),
    json('/v1/publications', `[${'{"channel":"noise","data":1},'.repeat(1_001)}1]`, bearer),
    request('GET /v1/channels/noise/history?since=x.1&limit=1000', bearer),
    request('GET /v1/channels/n%6Fise/stream', `${bearer}last-event-id: x.1\r\n`),
    request('GET /metrics', 'accept-encoding: gzip\r\n'),
    request('OPTIONS /v1/node', 'origin: https://evil.test\r\nsec-fetch-site: cross-site\r\n'),
  ]
}
