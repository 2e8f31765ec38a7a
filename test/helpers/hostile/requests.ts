// Valid requests to the listeners of a daemon, as bytes: the material that hostile ones are made of.
import { mintHmacToken } from '../../../src/auth/hmac-token.ts'
import { mintJwt } from '../../../src/auth/jwt-mint.ts'
import * as registry from '../../../src/frontends/registry.ts'
import { adminSecret } from '../admin-client.ts'
import { secrets } from '../daemon.ts'
import { handshake } from '../raw-websocket.ts'

/** What only a smuggled publish could write to. */
export const canary = 'canary'

/** A listener that is attacked, and how one publishes there. */
export interface Aim {
  readonly name: 'rpushd' | 'admin' | 'pushy' | 'pinghub'
  /** Of the requests that hide another: where one publishes to a channel of noise, and a second one. */
  readonly paths: readonly [publish: string, other: string]
  /** What lets a publish in; empty where everybody may. */
  readonly credential: string
  /** The status of a publish that was taken. */
  readonly accepted: number
}

const credentials = {
  rpushd: `authorization: Bearer ${secrets.publish}\r\n`,
  admin: `authorization: Bearer ${adminSecret}\r\n`,
  pushy: `x-client-id: app\r\nx-client-secret: ${secrets.client}\r\n`,
} as const

const rpushdAim: Aim = {
  name: 'rpushd',
  paths: ['/api/publish', '/healthz'],
  credential: credentials.rpushd,
  accepted: 204,
}
const pushyAim: Aim = {
  name: 'pushy',
  paths: ['/publish/noise', '/sse'],
  credential: credentials.pushy,
  accepted: 200,
}
export const pinghubAim: Aim = {
  name: 'pinghub',
  paths: ['/noise', '/noise/b'],
  credential: '',
  accepted: 200,
}
const adminAim: Aim = {
  name: 'admin',
  paths: ['/v1/publications', '/livez'],
  credential: credentials.admin,
  accepted: 200,
}

/** Of a node with the protocols of the registry. */
export const aims: readonly Aim[] = [rpushdAim, adminAim, pushyAim, pinghubAim].filter(
  ({ name }) => name === 'admin' || Object.hasOwn(registry, name),
)

/** As it goes over the wire; text is taken as Latin-1. */
export function request(line: string, headers: string, body = ''): string {
  return `${line} HTTP/1.1\r\nhost: 127.0.0.1\r\n${headers}\r\n${body}`
}

/** A publish that is whole and valid by itself. */
export function publish({ name, paths, credential }: Aim, channel: string, number: number): string {
  switch (name) {
    case 'rpushd':
      return json(paths[0], JSON.stringify({ channel, message: number }), credential)
    case 'admin':
      return json(paths[0], JSON.stringify({ channel, data: number }), credential)
    case 'pushy':
      return json(`/publish/${channel}`, JSON.stringify({ data: { n: number } }), credential)
    case 'pinghub':
      return json(`/${channel}`, String(number))
  }
}

function json(path: string, body: string, headers = ''): string {
  return request(
    `POST ${path}`,
    `content-type: application/json\r\n${headers}content-length: ${body.length}\r\n`,
    body,
  )
}

/** Every kind of request that the listener knows, and what its handlers look at. */
export function validRequests(aim: Aim): readonly string[] {
  return [publish(aim, 'noise', 1), ...others[aim.name]]
}

const token = mintHmacToken(secrets.subscribe, {
  aud: 'rpushd',
  channel: 'noise',
  exp: 4_102_444_800,
  scope: 'subscribe',
})
const bearer = `authorization: Bearer ${mintJwt(secrets.jwt, { channels: ['noise', 'noise.*'] })}\r\n`

const others: Readonly<Record<Aim['name'], readonly string[]>> = {
  rpushd: [
    json('/api/stream/noise', JSON.stringify({ token, since: '' })),
    json('/api/stream/n%6Fise', JSON.stringify({ token: `${token}x` })),
    json('/api/publish', `{"channel":"noise","message":${'['.repeat(200)}`, credentials.rpushd),
    json('/api/publish', `{"channel":"noise","message":"${'x'.repeat(17_000)}"}`, credentials.rpushd),
    request('GET /api/stats?mode=json&verbose=true', credentials.rpushd),
    request('HEAD /healthz', 'accept: */*\r\n'),
  ],
  admin: [
    json(
      '/v1/publications',
      '[{"channel":"noise","text":"a","idempotency_key":"k"},{"channel":"noise","base64":"AA=="}]',
      credentials.admin,
    ),
    json('/v1/publications', `[${'{"channel":"noise","data":1},'.repeat(1_001)}1]`, credentials.admin),
    request('GET /v1/channels/noise/history?since=x.1&limit=1000', credentials.admin),
    request('GET /v1/channels/n%6Fise/stream', `${credentials.admin}last-event-id: x.1\r\n`),
    request('GET /metrics', 'accept-encoding: gzip\r\n'),
    request('OPTIONS /v1/node', 'origin: https://evil.test\r\nsec-fetch-site: cross-site\r\n'),
  ],
  pushy: [
    json('/publish/n%6Fise', '{"data":{"a":{"b":[1]},"timestamp":0},"event":"x"}', bearer),
    json('/publish/noise', `{"data":{"a":${'['.repeat(200)}}}`, credentials.pushy),
    json('/publish/foreign', `{"data":{${'"a":1,'.repeat(20_000)}"b":1}}`, bearer),
    json('/sse', '{"channels":["noise","noise.b"]}', bearer),
    json('/token', '{"sub":"u","channels":["noise"],"meta":{"a":1}}', credentials.pushy),
    json('/channels/noise/ticket', '', bearer),
    request('GET /channels/noise/stream?since=x.1', `${bearer}last-event-id: x.99999999999999999999\r\n`),
    request(`GET /channels/noise/stream?ticket=${'0'.repeat(32)}${'A'.repeat(22)}`, ''),
    request('OPTIONS /publish/noise', 'origin: https://evil.test\r\naccess-control-request-method: POST\r\n'),
  ],
  pinghub: [
    json('/n%6Fise', `{"a":${'['.repeat(2_000)}`),
    json('/noise?since=x', 'x'.repeat(17_000)),
    request('GET /noise', 'accept: text/html\r\n'),
    request('GET /a//b/./../%2e%2e/noise?q=%zz', ''),
    request('HEAD /noise', ''),
    handshake('/noise?since=', { host: '127.0.0.1' }),
  ],
}
