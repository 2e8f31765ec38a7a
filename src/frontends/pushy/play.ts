// A client of this protocol for the playground, in a browser or in Node.js: a G2 stream with a token in its header, and a
// publish as a publisher. Its own reader of events, for a native EventSource cannot send the header.
import type { PlayAnswer, PlayConsumer, PlayTarget } from '../play.ts'

/** Channels that no URL names: parsing one takes these for steps between folders, escaped or not (WHATWG URL). */
const unnamed = /^\.\.?$/
const unnamedText = 'not sent: no URL can name a channel that is called . or ..'

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
  const { url, channel, credentials, since } = target
  if (unnamed.test(channel)) return unnamedText
  const query = since === undefined ? '' : `?since=${encodeURIComponent(since)}`
  const headers = { authorization: `Bearer ${credentials['token']}` }
  const response = await fetch(`${url}/channels/${encodeURIComponent(channel)}/stream${query}`, {
    headers,
    signal,
  })
  if (!response.ok) return `refused with ${response.status}: ${await response.text()}`
  const take = createBlockTaker(consumer)
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const piece = await reader?.read()
    if (piece === undefined || piece.done) return 'the server ended the stream'
    const blocks = (rest + decoder.decode(piece.value, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      if (signal.aborted) return ''
      const last = take(block)
      if (last !== undefined) return last
    }
  }
}

/** What is returned takes one block, mostly an event. A reason: it was the last one. */
function createBlockTaker(consumer: PlayConsumer): (block: string) => string | undefined {
  let isFirst = true
  /** A stream that begins with an id has positions for ids. That of a pattern has others, and begins without. */
  let hasPositions = false
  return block => {
    const fields = new Map(block.split('\n').map(line => [line.split(': ', 1)[0] ?? '', line] as const))
    const fieldOf = (name: string) => fields.get(name)?.slice(name.length + 2)
    const [data, id] = [fieldOf('data'), fieldOf('id')]
    if (isFirst) {
      isFirst = false
      hasPositions = id !== undefined
      consumer.opened(id)
    }
    const position = hasPositions ? id : undefined
    switch (fieldOf('event')) {
      case 'gap':
        consumer.missed(position)
        return undefined
      case 'end':
        return `the server ended the stream: ${JSON.parse(data ?? '{}').reason}`
      default:
        // Comments and the position that a stream begins with have no data.
        if (data !== undefined) consumer.received(data, position)
        return undefined
    }
  }
}

/** `data` is an object: what is none is put into one, as this protocol shows what others publish. */
export async function publish(target: PlayTarget, text: string): Promise<PlayAnswer> {
  const { url, channel, credentials } = target
  const { id = '', secret = '' } = credentials
  if (unnamed.test(channel)) return { ok: false, status: 0, text: unnamedText }
  try {
    const response = await fetch(`${url}/publish/${encodeURIComponent(channel)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-client-id': id, 'x-client-secret': secret },
      body: `{"data":${objectOf(text)}}`,
    })
    const said = await response.text()
    return { ok: response.ok, status: response.status, text: said || response.statusText }
  } catch (error) {
    return { ok: false, status: 0, text: String(error) }
  }
}

/** As JSON text. What is JSON stays as it was typed. */
function objectOf(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? text : `{"data":${text}}`
  } catch {
    return JSON.stringify({ data: text })
  }
}
