// A client of this protocol for the playground, in a browser or in Node.js: a WebSocket and a POST on the channel's path.
// It opts into positions and counts them, as README.md says under Resume.
import type { PlayAnswer, PlayConsumer, PlayTarget } from '../play.ts'

/** Channels that no URL names: parsing one takes these for steps between folders, escaped or not (WHATWG URL). */
const unnamed = /^\.\.?$/
const unnamedText = 'not sent: no URL can name a channel that is called . or ..'
const handshakeText = 'the handshake was refused, or not answered (a WebSocket client is not told which)'

export function subscribe(target: PlayTarget, consumer: PlayConsumer): () => void {
  let left = false
  let opened = false
  const ended = (why: string) => {
    if (left) return
    left = true
    consumer.closed(why)
  }
  if (unnamed.test(target.channel)) {
    queueMicrotask(() => ended(unnamedText))
    return () => {
      left = true
    }
  }
  const query = `?since=${encodeURIComponent(target.since ?? '')}`
  const socket = new WebSocket(urlOf(target).replace(/^http/, 'ws') + query)
  socket.binaryType = 'arraybuffer'
  let position: string | undefined
  socket.onopen = () => {
    opened = true
  }
  socket.onmessage = ({ data }) => {
    if (left) return
    if (typeof data !== 'string') return readNotice(data)
    position = nextOf(position)
    consumer.received(data, position)
  }
  // A browser closes behind a handshake that failed; Node.js 22 says no more than that it did.
  socket.onerror = () => {
    if (!opened) ended(handshakeText)
  }
  socket.onclose = ({ code, reason }) => {
    const why = opened ? `closed by the server with code ${code}` : handshakeText
    ended(reason === '' ? why : `${why}: ${reason}`)
  }

  /** The only binary messages. The first one means that the server has the subscription. */
  function readNotice(data: ArrayBuffer): void {
    const { ringcast } = JSON.parse(new TextDecoder().decode(data))
    const isFirst = position === undefined
    position = String(ringcast.position)
    if (isFirst) consumer.opened(position)
    if (ringcast.gap === true) consumer.missed(position)
  }

  return () => {
    left = true
    socket.close()
  }
}

export async function publish(target: PlayTarget, text: string): Promise<PlayAnswer> {
  if (unnamed.test(target.channel)) return { ok: false, status: 0, text: unnamedText }
  try {
    const response = await fetch(urlOf(target), { method: 'POST', body: text })
    const said = (await response.text()).trim()
    return { ok: response.ok, status: response.status, text: said || response.statusText }
  } catch (error) {
    return { ok: false, status: 0, text: String(error) }
  }
}

function urlOf({ url, channel }: PlayTarget): string {
  return `${url}/${encodeURIComponent(channel)}`
}

/** Each message adds one to the offset. */
function nextOf(position: string | undefined): string | undefined {
  const [epoch = '', offset = ''] = position?.split('.') ?? []
  return position === undefined ? undefined : `${epoch}.${Number(offset) + 1}`
}
