// pushy for tests of several protocols: a publisher with its credential, and streams of the second generation.
import { mintJwt } from '../../../src/auth/jwt-mint.ts'
import { secrets } from '../../helpers/daemon.ts'
import {
  type Answer,
  filledBetween,
  openingOf,
  type Protocol,
  post,
  type Reader,
  type Told,
} from '../../helpers/protocols/protocol.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest, type RequestParts } from '../../helpers/raw-http.ts'
import { EventStream } from './client.ts'

const credential = {
  'content-type': 'application/json',
  'x-client-id': 'app',
  'x-client-secret': secrets.client,
} as const

export const protocol: Protocol = {
  name: 'pushy',
  hasPositions: true,
  bodyBytesMax: 1_048_576,
  filled: filledBetween('{"a":"', '"}', () => '{"data":{"a":""}}'),
  publish(address, channel, content, sentBytes) {
    const body = Buffer.concat([Buffer.from('{"data":'), Buffer.from(content), Buffer.from('}')])
    return post(address, `/publish/${encodeURIComponent(channel)}`, credential, body, sentBytes)
  },
  read(address, channel, since = '') {
    return readEvents(address, channel, behind(since))
  },
  streams: {
    taken: 200,
    publication: (channel, content, key) => ({
      method: 'POST',
      target: `/publish/${encodeURIComponent(channel)}`,
      headers: Object.entries(key === undefined ? credential : { ...credential, 'idempotency-key': key }),
      body: `{"data":${content}}`,
    }),
    subscription: (channel, since) => subscription(channel, behind(since)),
    decoder() {
      const decoder = new TextDecoder()
      let text = ''
      return bytes => {
        text += decoder.decode(bytes, { stream: true })
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        return blocks.flatMap(toldBy)
      }
    },
    heartbeats: ms => ({ RINGCAST_PUSHY_HEARTBEAT_MS: `${ms}` }),
  },
}

function behind(since: string): Readonly<Record<string, string>> {
  return since === '' ? {} : { 'last-event-id': since }
}

/** As a page that connects for the first time: the position is in the address. */
export function readSince(address: string, channel: string, since: string): Promise<Reader | Answer> {
  return readEvents(address, channel, {}, `?since=${since}`)
}

/** `channel` may be a pattern; its reader has no position. */
export async function readEvents(
  address: string,
  channel: string,
  headers: Readonly<Record<string, string>> = {},
  query = '',
): Promise<Reader | Answer> {
  const connection = new RawClient(address).send(encodeRequest(subscription(channel, headers, query)))
  const answer = await openingOf(connection)
  if (answer !== undefined) return answer
  const reader = new EventReader(new EventStream(connection))
  await reader.begin(channel.includes('*'))
  return reader
}

function subscription(channel: string, headers: Readonly<Record<string, string>>, query = ''): RequestParts {
  // A star alone opens every channel, so that the lists are all that refuses.
  const token = mintJwt(secrets.jwt, { channels: [channel, '*'] })
  const target = `/channels/${encodeURIComponent(channel)}/stream${query}`
  return { method: 'GET', target, headers: Object.entries({ ...headers, authorization: `Bearer ${token}` }) }
}

/** Nothing by a comment. Lines are split as a browser does, so that a stray end would show. */
function toldBy(block: string): Told[] {
  const fields = block.split(/\r\n|\r|\n/).map(line => /^(\w*): ?(.*)$/s.exec(line) ?? [line, line, ''])
  const valuesOf = (name: string) => fields.filter(([, own]) => own === name).map(([, , value = '']) => value)
  const [id] = valuesOf('id')
  const [event] = valuesOf('event')
  const retry = valuesOf('retry').map(ms => ({ kind: 'retry', ms: Number(ms) }) as const)
  if (event === 'gap') return [{ kind: 'position', position: id ?? '', gap: true }]
  if (event === undefined) return id === undefined ? retry : [{ kind: 'position', position: id, gap: false }]
  const text = valuesOf('data').join('\n')
  return event === 'end'
    ? retry
    : [{ kind: 'message', text, ...(id !== undefined && { position: id }) }, ...retry]
}

class EventReader implements Reader {
  gap = false
  readonly #events: EventStream
  #position = ''

  constructor(events: EventStream) {
    this.#events = events
  }

  /** Takes what opens the stream: where it begins, or a gap; a pattern has neither, and a comment is what there is. */
  async begin(isPattern: boolean): Promise<void> {
    do {
      const block = await this.#events.block()
      // A stream that is sent away says so, and ends.
      if (block === undefined) return
      this.#take(block)
    } while (this.#position === '' && !isPattern)
  }

  async next(count: number): Promise<string[]> {
    const texts: string[] = []
    while (texts.length < count) {
      const block = await this.#events.event()
      if (block === undefined) throw new Error('the stream ended')
      const text = this.#take(block)
      if (text !== undefined) texts.push(text)
    }
    return texts
  }

  position(): string {
    return this.#position
  }

  leave(): void {
    this.#events.connection.leave()
  }

  #take(block: string): string | undefined {
    const [told] = toldBy(block)
    if (told === undefined || told.kind === 'retry') return undefined
    if (told.position) this.#position = told.position
    if (told.kind === 'message') return told.text
    this.gap ||= told.gap
    return undefined
  }
}
