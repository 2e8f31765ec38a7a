// rpushd for tests of several protocols.
import { mintHmacToken } from '../../../src/auth/hmac-token.ts'
import { createFrameReader } from '../../../src/frontends/rpushd/codec.ts'
import { secrets } from '../../helpers/daemon.ts'
import {
  advance,
  filledBetween,
  omitted,
  openingOf,
  type Protocol,
  post,
  type Reader,
  type Told,
} from '../../helpers/protocols/protocol.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest, type RequestParts } from '../../helpers/raw-http.ts'
import { FrameStream } from './client.ts'

const json = { 'content-type': 'application/json' } as const

export const protocol: Protocol = {
  name: 'rpushd',
  hasPositions: true,
  bodyBytesMax: 16_384,
  filled: filledBetween('"', '"', channel => `{"channel":"${channel}","message":""}`),
  rendersBytesMax: 65_535,
  publish(address, channel, content, sentBytes) {
    const head = Buffer.from(`{"channel":${JSON.stringify(channel)},"message":`)
    const body = Buffer.concat([head, Buffer.from(content), Buffer.from('}')])
    const headers = { ...json, authorization: `Bearer ${secrets.publish}` }
    return post(address, '/api/publish', headers, body, sentBytes)
  },
  async read(address, channel, since = '') {
    const connection = streamOf(address, channel, { since })
    const answer = await openingOf(connection)
    if (answer !== undefined) return answer
    const reader = new FrameReader(connection)
    await reader.begin()
    return reader
  },
  streams: {
    taken: 204,
    publication(channel, content, key) {
      const headers = { ...json, authorization: `Bearer ${secrets.publish}` }
      return {
        method: 'POST',
        target: '/api/publish',
        headers: Object.entries(key === undefined ? headers : { ...headers, 'idempotency-key': key }),
        body: `{"channel":${JSON.stringify(channel)},"message":${content}}`,
      }
    },
    subscription: (channel, since) => subscription(channel, { since }),
    decoder() {
      const frames = createFrameReader()
      return bytes =>
        frames
          .push(bytes)
          .filter(({ length }) => length > 0)
          .map(toldBy)
    },
    heartbeats: ms => ({ RINGCAST_RPUSHD_HEARTBEAT_MS: `${ms}` }),
  },
}

/** Without positions, as clients of the original read: the payloads until the node ends the stream. */
export async function readUntilEnd(address: string, channel: string): Promise<() => Promise<string[]>> {
  const connection = streamOf(address, channel, {})
  await connection.head()
  const frames = new FrameStream(connection)
  await frames.read(2)
  return async () => {
    const texts: string[] = []
    for (;;) {
      const [frame] = await frames.read(1)
      if (frame === undefined) return texts
      if (frame.length > 0) texts.push(Buffer.from(frame).toString())
    }
  }
}

function streamOf(address: string, channel: string, more: object): RawClient {
  return new RawClient(address).send(encodeRequest(subscription(channel, more)))
}

function subscription(channel: string, more: object): RequestParts {
  const claims = { aud: 'rpushd', scope: 'subscribe', channel, exp: 4_102_444_800 }
  const body = JSON.stringify({ token: mintHmacToken(secrets.subscribe, claims), ...more })
  const target = `/api/stream/${encodeURIComponent(channel)}`
  return { method: 'POST', target, headers: Object.entries(json), body }
}

/** A frame that is no heartbeat. */
function toldBy(frame: Uint8Array): Exclude<Told, { readonly kind: 'retry' }> {
  const text = Buffer.from(frame).toString()
  if (!text.startsWith(' ')) return { kind: 'message', text }
  const { ringcast } = JSON.parse(text)
  if (ringcast.omitted === true) return { kind: 'message', text: omitted }
  return { kind: 'position', position: ringcast.position, gap: ringcast.gap }
}

class FrameReader implements Reader {
  gap = false
  readonly #connection: RawClient
  readonly #frames: FrameStream
  #position = ''

  constructor(connection: RawClient) {
    this.#connection = connection
    this.#frames = new FrameStream(connection)
  }

  /** Reads the notice behind the heartbeats that open the stream. */
  async begin(): Promise<void> {
    while (this.#position === '') await this.#one()
  }

  async next(count: number): Promise<string[]> {
    const texts: string[] = []
    while (texts.length < count) {
      const text = await this.#one()
      if (text !== undefined) texts.push(text)
    }
    return texts
  }

  position(): string {
    return this.#position
  }

  leave(): void {
    this.#connection.leave()
  }

  async #one(): Promise<string | undefined> {
    const [frame] = await this.#frames.read(1)
    if (frame === undefined) throw new Error('the stream ended')
    if (frame.length === 0) return undefined
    const told = toldBy(frame)
    if (told.kind === 'message') {
      this.#position = advance(this.#position, 1)
      return told.text
    }
    this.#position = told.position
    this.gap ||= told.gap
    return undefined
  }
}
