// What the load says to open a stream and to publish: the same to the daemon and to the control beside it.
import { mintHmacToken } from '../src/auth/hmac-token.ts'
import { secrets } from '../test/helpers/daemon.ts'
import type { PublisherPlan } from './load/publisher.ts'
import { socketKey } from './load/stream-reader.ts'

/** What stands before and behind the message in a publish, and what answers one that went through. */
type PublishRequest = Pick<PublisherPlan, 'head' | 'tail' | 'answer'>

/** Questions that are asked of more than one protocol differ in this. */
export interface Requests {
  stream(channel: string, port: number): string
  publish(channel: string, port: number, messageBytes: number): PublishRequest
}

/**
 * The request that opens a stream of rpushd; a control does not look at the token. `since` asks for positions; empty,
 * from now on. Tokens of another `number` are others.
 */
export function streamRequest(
  channel: string,
  port: number,
  options: { readonly since?: string; readonly number?: number } = {},
): string {
  const { since, number = 0 } = options
  const exp = Math.floor(Date.now() / 1_000) + 86_400 + number
  const token = mintHmacToken(secrets.subscribe, { aud: 'rpushd', channel, exp, scope: 'subscribe' })
  const body = JSON.stringify({ token, ...(since !== undefined && { since }) })
  return `${post(`/api/stream/${channel}`, port)}content-length: ${body.length}\r\n\r\n${body}`
}

/** A publish of rpushd. */
export function publishRequest(channel: string, port: number, messageBytes: number): PublishRequest {
  const opener = `{"channel":${JSON.stringify(channel)},"message":`
  const length = opener.length + messageBytes + 1
  const authorization = `authorization: Bearer ${secrets.publish}\r\n`
  const head = `${post('/api/publish', port)}${authorization}content-length: ${length}\r\n\r\n${opener}`
  return { head, tail: '}', answer: { status: 204, body: '' } }
}

/** The same for a client that writes the request itself. */
export const publishHeaders: readonly string[] = [
  'content-type: application/json',
  `authorization: Bearer ${secrets.publish}`,
]

export const rpushd: Requests = { stream: streamRequest, publish: publishRequest }

/** WebSockets and posts of pinghub, where the path is the channel. */
export const pinghub: Requests = {
  stream: (channel, port) =>
    `GET /${channel} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
    `sec-websocket-version: 13\r\nsec-websocket-key: ${socketKey}\r\n\r\n`,
  publish: (channel, port, messageBytes) => ({
    head: `${post(`/${channel}`, port)}content-length: ${messageBytes}\r\n\r\n`,
    tail: '',
    answer: { status: 200, body: 'OK\n' },
  }),
}

function post(path: string, port: number): string {
  return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n`
}
