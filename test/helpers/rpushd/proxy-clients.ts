// Clients behind a proxy, and the application that publishes past it: what both sides of a public site do.
import { equal } from 'node:assert/strict'
import { mintHmacToken } from '../../../src/auth/hmac-token.ts'
import { FrameStream } from '../../conformance/rpushd/client.ts'
import { secrets } from '../daemon.ts'
import { RawClient } from '../raw-client.ts'
import { type Answer, encodeRequest } from '../raw-http.ts'

const farFuture = 4_102_444_800

export interface PublicStream {
  readonly frames: FrameStream
  readonly connection: RawClient
  /** The next frame that is no heartbeat, as text; undefined where the stream ends. */
  next(): Promise<string | undefined>
}

/** `site` is `host:port`, and `prefix` what the proxy takes away. Resolves when the stream is live. */
export async function openStream(
  site: string,
  channel: string,
  prefix = '/push-daemon',
  path = channel,
): Promise<PublicStream> {
  const connection = new RawClient(site)
  connection.send(streamRequest(channel, prefix, path))
  const { status, line } = await connection.head()
  equal(status, 200, line)
  const frames = new FrameStream(connection)
  return {
    frames,
    connection,
    async next() {
      for (;;) {
        const [payload] = await frames.read(1)
        if (payload === undefined) return undefined
        if (payload.length > 0) return Buffer.from(payload).toString()
      }
    },
  }
}

function streamRequest(channel: string, prefix: string, path: string): Buffer {
  const claims = { aud: 'rpushd', scope: 'subscribe', channel, exp: farFuture }
  const body = JSON.stringify({ token: mintHmacToken(secrets.subscribe, claims) })
  return post(`${prefix}/api/stream/${path}`, body, { cookie: `session=${'c'.repeat(2_000)}` })
}

export async function publish(address: string, channel: string, message: unknown): Promise<void> {
  const answer = await ask(address, publishRequest('/api/publish', channel, message))
  equal(answer.status, 204)
}

export function publishRequest(path: string, channel: string, message: unknown): Buffer {
  const body = JSON.stringify({ channel, message })
  return post(path, body, { authorization: `Bearer ${secrets.publish}` })
}

export async function ask(address: string, request: string | Buffer): Promise<Answer> {
  const connection = new RawClient(address)
  connection.send(request)
  const answer = await connection.answer()
  connection.leave()
  return answer
}

function post(path: string, body: string, headers: Readonly<Record<string, string>>): Buffer {
  const all = Object.entries({ host: 'site', 'content-type': 'application/json', ...headers })
  return encodeRequest({ method: 'POST', target: path, headers: all, body })
}
