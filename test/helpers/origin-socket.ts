// The origin's end of a WebSocket, on a bare socket: echoes what it hears but for what its script answers, and keeps it.
import type { Socket } from 'node:net'
import type { Headers } from './raw-http.ts'
import { acceptOf } from './raw-websocket.ts'
import { frameOf, Messages } from './socket-messages.ts'

/** A message as `socket-messages.ts` writes it, bytes as they stand, or the end of the connection. */
export type Saying = string | Uint8Array | { readonly ends: 'close' | 'reset' }

export interface SocketScript {
  /** Behind those of RFC 6455, in the 101. */
  readonly headers?: Headers
  /** At once. */
  readonly says?: readonly Saying[]
  /** By the message that it hears. Others are echoed: messages with `e:` in front, pings as pongs, closes as they are. */
  readonly answers?: Readonly<Record<string, readonly Saying[]>>
}

export class OriginSocket {
  /** Every message that came, in order. */
  readonly heard: string[] = []
  /** The far end closed its connection. */
  isOver = false
  readonly #socket: Socket
  readonly #script: SocketScript
  readonly #messages = new Messages(true)

  constructor(socket: Socket, request: Headers, script: SocketScript) {
    this.#socket = socket
    this.#script = script
    for (const name of ['end', 'error', 'close']) {
      socket.on(name, () => {
        this.isOver = true
      })
    }
    const key = request.find(([name]) => name.toLowerCase() === 'sec-websocket-key')?.[1] ?? ''
    const headers: Headers = [
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Accept', acceptOf(key)],
      ...(script.headers ?? []),
    ]
    const fields = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n`, 'latin1')
    for (const saying of script.says ?? []) this.#say(saying)
  }

  hear(bytes: Uint8Array): void {
    this.#messages.add(bytes)
    for (const message of this.#messages.take()) {
      this.heard.push(message)
      for (const saying of this.#script.answers?.[message] ?? echoOf(message)) this.#say(saying)
    }
  }

  #say(saying: Saying): void {
    if (this.#socket.writableEnded) return
    if (typeof saying === 'string') this.#socket.write(frameOf(saying, false))
    else if (saying instanceof Uint8Array) this.#socket.write(saying)
    else if (saying.ends === 'close') this.#socket.end()
    else this.#socket.resetAndDestroy()
  }
}

function echoOf(message: string): readonly Saying[] {
  const [name, rest] = [message.slice(0, message.indexOf(':')), message.slice(message.indexOf(':') + 1)]
  switch (name) {
    case 'text':
    case 'binary':
      return [`${name}:e:${rest}`]
    case 'ping':
      return [`pong:${rest}`]
    case 'close':
      return [message, { ends: 'close' }]
    default:
      return []
  }
}
