// What the load says to open a stream and to publish: the same to the daemon and to the control beside it.
import { mintHmacToken } from '../src/auth/hmac-token.ts'
import { secrets } from '../test/helpers/daemon.ts'
import { encodeRequest, type Headers } from '../test/helpers/raw-http.ts'
import { handshake } from '../test/helpers/raw-websocket.ts'
import type { Crew } from './load/crew.ts'
import { type Mark, payloadTemplate } from './load/payload.ts'
import type { PublisherPlan } from './load/publisher.ts'
import type { Opening } from './load/streams.ts'
import type { Target } from './targets.ts'

/** What stands before and behind the message in a publish, and what answers one that went through. */
export type PublishRequest = Pick<PublisherPlan, 'head' | 'tail' | 'answer' | 'burst'>

/** Questions that are asked of more than one protocol differ in this. */
export interface Requests {
  /** What encloses a message; quotes, where nothing is said. */
  readonly mark?: Mark
  /** Of streams of a channel. */
  opening?(channel: string): Opening
  stream(channel: string, port: number): string
  publish(channel: string, port: number, messageBytes: number): PublishRequest
}

/** How a channel of the target is published to. */
export function publisherPlan(
  requests: Requests,
  { publishPort: port }: Target,
  channel: string,
  message: { readonly bytes: number; readonly seed: number },
): PublisherPlan {
  const template = payloadTemplate(message.bytes, message.seed, requests.mark)
  return { host: '127.0.0.1', port, template, ...requests.publish(channel, port, message.bytes) }
}

/** Opens streams of one channel. What is published from now on reaches them. */
export async function holdStreams(
  crew: Crew,
  requests: Requests,
  { port, heldMs }: Target,
  channel: string,
  streams: number,
): Promise<{ readonly wallMs: number; readonly loadShare: number }> {
  const opened = await crew.connect(
    port,
    streams,
    [requests.stream(channel, port)],
    requests.opening?.(channel),
  )
  if (heldMs !== undefined) await new Promise(resolve => setTimeout(resolve, heldMs))
  return opened
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
  return post(`/api/stream/${channel}`, port, body)
}

/** A publish of rpushd. */
export function publishRequest(channel: string, port: number, messageBytes: number): PublishRequest {
  const opener = `{"channel":${JSON.stringify(channel)},"message":`
  const length = opener.length + messageBytes + 1
  const authorization = ['authorization', `Bearer ${secrets.publish}`] as const
  const head = post('/api/publish', port, opener, length, [authorization])
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
  stream: (channel, port) => handshake(`/${channel}`, { host: hostOf(port) }),
  publish: (channel, port, messageBytes) => ({
    head: post(`/${channel}`, port, '', messageBytes),
    tail: '',
    answer: { status: 200, body: 'OK\n' },
  }),
}

export const hostOf = (port: number) => `127.0.0.1:${port}`

/** `length` where the body goes on behind what is given here. */
export function post(
  target: string,
  port: number,
  body: string,
  length = body.length,
  more: Headers = [],
): string {
  const headers: Headers = [['host', hostOf(port)], ['content-type', 'application/json'], ...more]
  return encodeRequest({ method: 'POST', target, headers, body, length }).toString('latin1')
}
