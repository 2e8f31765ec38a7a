// A client of this protocol for the playground, in a browser or in Node.js: a stream that the built-in target holds, and a
// publish at the control door.
import type { PlayAnswer, PlayConsumer, PlayTarget } from '../play.ts'

/** The first page of the built-in target's stream. */
const opened = '[stream opened]'

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
async function follow(
  { url, channel }: PlayTarget,
  consumer: PlayConsumer,
  signal: AbortSignal,
): Promise<string> {
  const response = await fetch(`${url}/stream?channel=${encodeURIComponent(channel)}`, { signal })
  if (!response.ok) return `refused with ${response.status}: ${await response.text()}`
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  for (;;) {
    const piece = await reader?.read()
    if (piece === undefined || piece.done) return 'the server ended the stream'
    if (signal.aborted) return ''
    // Where one content ends nobody says on this wire: what comes by itself is taken for one, as each is written by itself.
    const text = decoder.decode(piece.value, { stream: true })
    const isFirst = text.startsWith(opened)
    if (isFirst) consumer.opened(undefined)
    const rest = (isFirst ? text.slice(opened.length + 1) : text).replace(/\n$/, '')
    if (rest !== '') consumer.received(rest, undefined)
  }
}

/** With a line end, as the original's own publisher does. */
export async function publish(target: PlayTarget, text: string): Promise<PlayAnswer> {
  const { url, channel, credentials } = target
  const formats = {
    'http-response': { body: `${text}\n` },
    'http-stream': { content: `${text}\n` },
    'ws-message': { content: text },
  }
  const { secret = '' } = credentials
  try {
    const response = await fetch(`${url}/control/publish/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(secret !== '' && { authorization: `Bearer ${secret}` }),
      },
      body: JSON.stringify({ items: [{ channel, formats }] }),
    })
    const said = await response.text()
    return { ok: response.ok, status: response.status, text: said || response.statusText }
  } catch (error) {
    return { ok: false, status: 0, text: String(error) }
  }
}
