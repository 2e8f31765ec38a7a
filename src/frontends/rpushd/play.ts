// A client of this protocol for the playground, in a browser or in Node.js: frames out of a stream that is asked for with
// a token, and a publish with the bearer secret. It opts into positions and counts them, as README.md says under Resume.
import type { PlayAnswer, PlayConsumer, PlayTarget } from '../play.ts'

const headBytes = 2
/** What a notice begins with, and no message does. */
const blank = 0x20
const json = 'application/json'
/** Channels that no URL names: parsing one takes these for steps between folders, escaped or not (WHATWG URL). */
const unnamed = /^\.\.?$/

export function subscribe(target: PlayTarget, consumer: PlayConsumer): () => void {
  const left = new AbortController()
  follow(target, consumer, left.signal)
    .catch(error => `the connection broke: ${error}`)
    .then(why => {
      if (!left.signal.aborted) consumer.closed(why)
    })
  return () => left.abort()
}

/** Resolves with why it is over. */
async function follow(target: PlayTarget, consumer: PlayConsumer, signal: AbortSignal): Promise<string> {
  const { url, channel, credentials, since = '' } = target
  if (unnamed.test(channel)) return 'not sent: no URL can name a channel that is called . or ..'
  const response = await fetch(`${url}/api/stream/${encodeURIComponent(channel)}`, {
    method: 'POST',
    headers: { 'content-type': json },
    body: JSON.stringify({ token: credentials['token'], since }),
    signal,
  })
  if (!response.ok) {
    return `refused with ${response.status}: ${(await response.text()) || response.statusText}`
  }
  const take = createFrameTaker(consumer)
  const reader = response.body?.getReader()
  let rest = new Uint8Array(0)
  for (;;) {
    const piece = await reader?.read()
    if (piece === undefined || piece.done) return 'the server ended the stream'
    const bytes = new Uint8Array(rest.length + piece.value.length)
    bytes.set(rest)
    bytes.set(piece.value, rest.length)
    let at = 0
    for (let end = endOfFrame(bytes, at); end <= bytes.length; end = endOfFrame(bytes, at)) {
      if (signal.aborted) return ''
      take(bytes.subarray(at + headBytes, end))
      at = end
    }
    rest = bytes.slice(at)
  }
}

/** Beyond the bytes where the frame's length is not there yet. */
function endOfFrame(bytes: Uint8Array, at: number): number {
  const [high, low] = [bytes[at], bytes[at + 1]]
  return high === undefined || low === undefined ? bytes.length + 1 : at + headBytes + high * 256 + low
}

function createFrameTaker(consumer: PlayConsumer): (payload: Uint8Array) => void {
  const decoder = new TextDecoder()
  let position: string | undefined
  return payload => {
    // A frame of nothing is a heartbeat.
    if (payload.length === 0) return
    const text = decoder.decode(payload)
    if (payload[0] !== blank) {
      position = nextOf(position)
      return consumer.received(text, position)
    }
    const { ringcast } = JSON.parse(text)
    if (ringcast.omitted === true) {
      position = nextOf(position)
      return consumer.missed(position)
    }
    const isFirst = position === undefined
    position = String(ringcast.position)
    if (isFirst) consumer.opened(position)
    if (ringcast.gap === true) consumer.missed(position)
  }
}

/** Each message adds one to the offset. */
function nextOf(position: string | undefined): string | undefined {
  const [epoch = '', offset = ''] = position?.split('.') ?? []
  return position === undefined ? undefined : `${epoch}.${Number(offset) + 1}`
}

/** Any JSON is a message; what is none becomes a JSON string. */
export async function publish(target: PlayTarget, text: string): Promise<PlayAnswer> {
  const { url, channel, credentials } = target
  try {
    const response = await fetch(`${url}/api/publish`, {
      method: 'POST',
      headers: { 'content-type': json, authorization: `Bearer ${credentials['secret']}` },
      body: `{"channel":${JSON.stringify(channel)},"message":${isJson(text) ? text : JSON.stringify(text)}}`,
    })
    const said = await response.text()
    return { ok: response.ok, status: response.status, text: said || response.statusText }
  } catch (error) {
    return { ok: false, status: 0, text: String(error) }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
