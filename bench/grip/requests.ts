// What the load says to a proxy of GRIP, ours and the original alike.
import { handshake } from '../../test/helpers/raw-websocket.ts'
import type { PublisherPlan } from '../load/publisher.ts'
import { hostOf, type Requests } from '../requests.ts'
import { plainBody } from './bodies.ts'

/** A length beyond it is no byte of UTF-8 any more. */
const messageBytesMax = 127

/** The load reads frames: a length of two bytes in front of each message. */
const streams = {
  mark: '~',
  // While the original is busy it gives up streams that it has just taken.
  opening: () => ({ handshakes: 16, isRepeated: true }),
  stream: (channel: string, port: number) =>
    `GET /stream/${channel} HTTP/1.1\r\nHost: ${hostOf(port)}\r\n\r\n`,
} satisfies Omit<Requests, 'publish'>

export const grip: Requests = inBursts(1)

/** Publishers that have so many items at a time, and post them together. */
export function inBursts(messages: number): Requests {
  return { ...streams, publish: (channel, port, messageBytes) => post(messages, channel, port, messageBytes) }
}

/** WebSockets over HTTP, which origins subscribe; a message is one of theirs. */
export const gripSockets: Requests = {
  ...streams,
  stream: (channel, port) => handshake(`/socket/${channel}`, { host: hostOf(port) }),
  publish(channel, port, messageBytes) {
    const opener = `{"items":[{"channel":"${channel}","formats":{"ws-message":{"content":"`
    return posted(opener, '"}}}]}', port, messageBytes)
  },
}

/** A WebSocket over HTTP that hears what it says. */
export const echoRequest = (port: number): string => handshake('/echo', { host: hostOf(port) })

function post(
  messages: number,
  channel: string,
  port: number,
  messageBytes: number,
): ReturnType<Requests['publish']> {
  if (messageBytes > messageBytesMax) throw new Error(`a message of ${messageBytes} bytes is too long`)
  const length = `\\u0000\\u00${messageBytes.toString(16).padStart(2, '0')}`
  const item = `{"channel":"${channel}","formats":{"http-stream":{"content":"${length}`
  const [opener, between, tail] = [`{"items":[${item}`, `"}}},${item}`, '"}}}]}']
  const contentBytes = messages * messageBytes + (messages - 1) * between.length
  return { ...posted(opener, tail, port, contentBytes), burst: { messages, between } }
}

function posted(
  opener: string,
  tail: string,
  port: number,
  contentBytes: number,
): ReturnType<Requests['publish']> {
  const bodyBytes = opener.length + contentBytes + tail.length
  const fields = [`Host: ${hostOf(port)}`, 'Content-Type: application/json', `Content-Length: ${bodyBytes}`]
  const head = `POST /publish/ HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n${opener}`
  return { head, tail, answer: { status: 200, body: 'Published\n' } }
}

/** Not a publish, but asked as one: who asks, and the how manieth time, stands in a header. */
export function plainRequest(port: number, template: string): PublisherPlan {
  const head = `GET /plain HTTP/1.1\r\nHost: ${hostOf(port)}\r\nX-Load: `
  return {
    host: '127.0.0.1',
    port,
    head,
    template,
    tail: '\r\n\r\n',
    answer: { status: 200, body: plainBody },
  }
}
