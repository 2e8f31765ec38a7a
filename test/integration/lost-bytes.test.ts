// Bytes that are no UTF-8 in the head of a request: the library puts U+FFFD in place of each, so what they name would be one
// and the same. Every protocol and listener refuses them, raw and escaped, and takes U+FFFD itself where it is escaped.
import { equal, match } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { mintHmacToken } from '../../src/auth/hmac-token.ts'
import { mintJwt } from '../../src/auth/jwt-mint.ts'
import * as registry from '../../src/frontends/registry.ts'
import { adminSecret } from '../helpers/admin-client.ts'
import { type Daemon, secrets, startDaemon } from '../helpers/daemon.ts'
import { development } from '../helpers/development.ts'
import { RawClient } from '../helpers/raw-client.ts'

const token = `authorization: Bearer ${mintJwt(secrets.jwt, { channels: ['*'] })}`
const operator = `authorization: Bearer ${adminSecret}`
const json = 'content-type: application/json'
const claims = { aud: 'rpushd', channel: '\ufffd', exp: 4_102_444_800, scope: 'subscribe' }
const tokenBody = JSON.stringify({ token: mintHmacToken(secrets.subscribe, claims) })

interface Case {
  readonly listener: string
  /** Whose it is, where the listener has routes of several. */
  readonly protocol?: string
  /** `NAME` is replaced. */
  readonly line: string
  readonly headers: readonly string[]
  readonly body?: string
  /** Statuses of bytes that are lost, and of U+FFFD, escaped. */
  readonly lost: number
  readonly kept: number
}

const all: readonly Case[] = [
  { listener: 'pushy', line: 'GET /channels/NAME/stream', headers: [token], lost: 400, kept: 200 },
  { listener: 'pushy', line: 'POST /channels/NAME/ticket', headers: [token], body: '', lost: 400, kept: 200 },
  {
    listener: 'pushy',
    line: 'POST /publish/NAME',
    headers: [token, json],
    body: '{"data":{"leak":1}}',
    lost: 400,
    kept: 200,
  },
  {
    listener: 'pushy',
    line: 'POST /publish/NAME',
    headers: ['x-client-id: app', `x-client-secret: ${secrets.client}`, json],
    body: '{"data":{"leak":1}}',
    lost: 400,
    kept: 200,
  },
  { listener: 'pushy', line: 'POST /sse?channels=NAME', headers: [token], body: '', lost: 400, kept: 200 },
  {
    listener: 'pushy',
    line: 'POST /sse?channels[]=a&channels[]=NAME',
    headers: [token],
    body: '',
    lost: 400,
    kept: 200,
  },
  { listener: 'pinghub', line: 'POST /NAME', headers: [], body: 'leak', lost: 400, kept: 200 },
  {
    listener: 'rpushd',
    line: 'POST /api/stream/NAME',
    headers: [json],
    body: tokenBody,
    lost: 400,
    kept: 400,
  },
  { listener: 'admin', line: 'GET /v1/channels/NAME/stream', headers: [operator], lost: 400, kept: 200 },
  { listener: 'admin', line: 'GET /play/data?channel=NAME', headers: [], lost: 400, kept: 200 },
  {
    listener: 'admin',
    protocol: 'pinghub',
    line: 'POST /play/pinghub/NAME',
    headers: [],
    body: 'leak',
    lost: 400,
    kept: 200,
  },
]

const cases = all.filter(
  ({ listener, protocol = listener }) => protocol === 'admin' || Object.hasOwn(registry, protocol),
)

/** As text of Latin-1, which is what goes out. */
const lost = ['\xe4', '\xf6', 'a\xffb', '%e4', '%C3%28', '\xc3%A4']

let daemon: Daemon

async function statusOf(name: string, { listener, line, headers, body }: Case): Promise<number | undefined> {
  const host = daemon.address(listener)
  const client = new RawClient(host)
  const length = body === undefined ? [] : [`content-length: ${body.length}`]
  const head = [`${line.replace('NAME', name)} HTTP/1.1`, `host: ${host}`, ...headers, ...length]
  client.send(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`)
  await client.answers(1)
  client.leave()
  return client.statuses[0]
}

describe('bytes that are no UTF-8', () => {
  before(async () => {
    daemon = await startDaemon({
      workers: 2,
      environment: {
        ...development,
        RPUSHD_SECRET: secrets.subscribe,
        AUTH_SECRET_KEY: secrets.jwt,
        PUBLISHER_CLIENT_ID: 'app',
        PUBLISHER_CLIENT_SECRET: secrets.client,
        RINGCAST_ADMIN_SECRET: adminSecret,
        RINGCAST_HISTORY_SIZE: '10',
      },
    })
  })
  after(async () => equal(await daemon.stop(), 0))

  for (const one of cases) {
    test(`are no name: ${one.listener}, ${one.line}`, async () => {
      for (const name of lost) equal(await statusOf(name, one), one.lost, JSON.stringify(name))
      equal(await statusOf('%C3%A4%EF%BF%BD', one), one.kept)
    })
  }

  test('reach nobody', async () => {
    const host = daemon.address('admin')
    const client = new RawClient(host)
    client.send(`GET /v1/channels/%EF%BF%BD/history HTTP/1.1\r\nhost: ${host}\r\n${operator}\r\n\r\n`)
    await client.answers(1)
    match(client.text, /404|"publications":\[\]/)
    client.leave()
  })
})
