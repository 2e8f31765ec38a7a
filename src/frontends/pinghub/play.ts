// A client of this protocol for the playground, in a browser or in Node.js: a WebSocket and a POST on the channel's path.
// It opts into positions and counts them, as README.md says under Resume.
import type { PlayAnswer, PlayConsumer, PlayTarget } from '../play.ts'

export function subscribe(target: PlayTarget, consumer: PlayConsumer): () => void {
  const query = `?since=${encodeURIComponent(target.since ?? '')}`
  const socket = new WebSocket(urlOf(target).replace(/^http/, 'ws') + query)
  socket.binaryType = 'arraybuffer'
  let position: string | undefined
  let left = false
  let opened = false
  socket.onopen = () => {
    opened = true
  }
  socket.onmessage = ({ data }) => {
    if (left) return
    if (typeof data !== 'string') return readNotice(data)
    position = nextOf(position)
    consumer.received(data, position)
  }
  // A refused handshake is told without its status: browsers keep that from pages.
  socket.onclose = ({ code, reason }) => {
    if (left) return
    left = true
    const why = opened ? `closed by the server with code ${code}` : 'the handshake failed'
    consumer.closed(reason === '' ? why : `${why}: ${reason}`)
  }

  /** The only binary messages. The first one means that the server has the subscription. */
  function readNotice(data: ArrayBuffer): void {
    const { ringcast } = JSON.parse(new TextDecoder().decode(data))
    const isFirst = position === undefined
    position = String(ringcast.position)
    if (isFirst) consumer.opened()
    if (ringcast.gap === true) consumer.missed()
  }

  return () => {
    left = true
    socket.close()
  }
}

export async function publish(target: PlayTarget, text: string): Promise<PlayAnswer> {
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
