// A client of this protocol for the playground, in a browser or in Node.js: one WebSocket, which speaks the canonical dialect
// (contract §1.4) and tells positions by cursors and epochs. It publishes over a socket of its own, for the wire has no POST.
import type { PlayAnswer, PlayConsumer, PlayTarget } from '../play.ts'

/** The one of every configuration that a page of ours is for. */
const system = 'system'
const handshakeText = 'the handshake was refused, or not answered (a WebSocket client is not told which)'

interface Operation {
  readonly op: string
  readonly message?: string
  readonly reason?: string
  readonly from_cursor?: number
  readonly epoch?: string
  readonly resume_epochs?: Readonly<Record<string, string>>
  readonly resume_heads?: Readonly<Record<string, number>>
}

/** What a socket hears, and how it ends. */
interface Hearer {
  operation(operation: Operation): void
  frame(payload: string, cursor: number): void
  closed(why: string): void
}

/** Subscribes to these channels. */
function connect(target: PlayTarget, channels: readonly string[], hearer: Hearer): WebSocket {
  const { url, channel, credentials, since = '' } = target
  const [epoch = '', cursor = ''] = since.split('.')
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/rps`)
  let opened = false
  let said = ''
  socket.onopen = () => {
    opened = true
    const auth = {
      op: 'auth',
      client_id: crypto.randomUUID(),
      ...(credentials['token'] === undefined ? {} : { token: credentials['token'] }),
      capabilities: channels,
      ...(since === ''
        ? {}
        : { resume_cursors: { [channel]: Number(cursor) }, resume_epochs: { [channel]: epoch } }),
    }
    socket.send(JSON.stringify({ channel: system, payload: auth }))
  }
  socket.onmessage = ({ data }) => {
    const text = String(data)
    const message = JSON.parse(text)
    if (message.channel !== system) return hearer.frame(payloadOf(text), message.cursor)
    said = message.payload.message ?? message.payload.reason ?? said
    hearer.operation(message.payload)
  }
  // A browser closes behind a handshake that failed; Node.js 22 says no more than that it did.
  socket.onerror = () => {
    if (!opened) hearer.closed(handshakeText)
  }
  socket.onclose = ({ code }) => {
    const why = `closed by the server with code ${code}${said === '' ? '' : `: ${said}`}`
    hearer.closed(opened ? why : handshakeText)
  }
  return socket
}

/** As its publisher wrote it: a parser would change long numbers. */
function payloadOf(text: string): string {
  const start = text.indexOf('"payload":') + '"payload":'.length
  return text.slice(start).replace(/(?:,"client_id":"[\da-f-]{36}")?\}$/, '')
}

export function subscribe(target: PlayTarget, consumer: PlayConsumer): () => void {
  const { channel } = target
  let left = false
  let isOpen = false
  let epoch: string | undefined
  const positionOf = (cursor: number) => (epoch === undefined ? undefined : `${epoch}.${cursor}`)
  const begin = (position: string | undefined) => {
    if (!isOpen) consumer.opened(position)
    isOpen = true
  }
  const socket = connect(target, [channel], {
    operation({ op, message = '', from_cursor = 1, epoch: own, resume_epochs = {}, resume_heads = {} }) {
      if (left) return
      if (op === 'auth_ok') {
        // Where something is missing it is told next, and only then where this begins.
        epoch = resume_epochs[channel]
        const head = resume_heads[channel]
        if (head !== undefined) begin(positionOf(head))
      } else if (op === 'resume_required') {
        epoch = own
        begin(positionOf(from_cursor - 1))
        consumer.missed(positionOf(from_cursor - 1))
      } else if (op === 'error') {
        left = true
        socket.close()
        consumer.closed(message)
      }
    },
    frame(payload, cursor) {
      if (!left) consumer.received(payload, positionOf(cursor))
    },
    closed(why) {
      if (!left) consumer.closed(why)
      left = true
    },
  })
  return () => {
    left = true
    socket.close()
  }
}

export function publish(target: PlayTarget, text: string): Promise<PlayAnswer> {
  const { channel } = target
  const payload = isJson(text) ? text : JSON.stringify(text)
  return new Promise(resolve => {
    const ended = (answer: PlayAnswer) => {
      socket.close()
      resolve(answer)
    }
    const socket = connect({ ...target, since: undefined }, [channel], {
      operation({ op, message = '' }) {
        if (op === 'auth_ok') socket.send(`{"channel":${JSON.stringify(channel)},"payload":${payload}}`)
        else if (op === 'error') ended({ ok: false, status: 0, text: message })
      },
      // Everybody who is subscribed gets it, its sender too.
      frame: () => ended({ ok: true, status: 200, text: 'published' }),
      closed: why => ended({ ok: false, status: 0, text: why }),
    })
  })
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
